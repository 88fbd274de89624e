#!/usr/bin/env python3
"""Monte Carlo check of jointly optimal product codebooks, independent of the library's integration.

Needs numpy, and `swift build -c release` in Benchmarks/Quantizers.
Usage: product_codebooks_monte_carlo.py [--program PATH] [--pairs N] [RHO:LEVELS ...]
For each pair of codebooks: E[(XY − X̂Ŷ)²] over N Gaussian pairs (importance sampling), before and after the decode gain ρ/E[X̂Ŷ], against
the library's figure and that of the best symmetric codebook known (Tests/References/product_optimal.json).
"""
import argparse
import json
import subprocess
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent
CASES = ["0.9:2", "0.9:4", "0.97:4", "0.97:8", "0.5:16"]


def draw(rng, rho, count):
    """Standard normal pairs of correlation ρ and their weights.

    Half are drawn 2.5 times wider: the far corners where X̂ and Ŷ disagree in sign are rare, but dear at few levels.
    Weights are the ratio of the densities, at most 2.
    """
    wide = np.arange(count) % 2 == 1
    u, v = rng.standard_normal((2, count)) * np.where(wide, 2.5, 1.0)
    square = u * u + v * v
    weights = 2 / (1 + np.exp(square * (1 - 2.5**-2) / 2) / 2.5**2)
    return u, rho * u + np.sqrt(1 - rho * rho) * v, weights


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "Quantizers/.build/release/QuantizerBenchmarks"))
    parser.add_argument("--pairs", type=int, default=2_000_000)
    parser.add_argument("cases", nargs="*", default=CASES)
    options = parser.parse_args()
    books = json.loads(subprocess.check_output([options.program, "products", *options.cases]))
    known = json.loads((ROOT.parent / "Tests/References/product_optimal.json").read_text())["rows"]
    known = {(row["rho"], row["levels"]): row for row in known}
    rng = np.random.default_rng(20)
    print("| ρ | K | minimized | library E[D²] | Monte Carlo (standard error) | z | after gain | Monte Carlo | z "
          "| best symmetric known | ratio |")
    print("|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for book in books:
        rho = book["rho"]
        x, y, weights = draw(rng, rho, options.pairs)
        coded = (np.array(book["xLevels"])[np.searchsorted(book["xThresholds"], x)]
                 * np.array(book["yLevels"])[np.searchsorted(book["yThresholds"], y)])
        mean = np.mean(weights * coded)
        gain = rho / mean
        # How the error after the gain depends on the mean, which is estimated on the same pairs.
        slope = -2 * (gain * np.mean(weights * coded**2) - np.mean(weights * x * y * coded)) * gain / mean
        columns = []
        for g, claim in [(1, book["meanSquaredError"]), (gain, book["meanSquaredErrorAfterGain"])]:
            squares = weights * (x * y - g * coded) ** 2
            scatter = squares if g == 1 else squares + slope * weights * coded
            error = np.std(scatter) / np.sqrt(options.pairs)
            columns.append((claim, squares.mean(), error, (squares.mean() - claim) / error))
        row = known.get((rho, book["levels"]))
        best = row and row["mse" if book["objective"] == "mse" else "mse_unbiased"]
        reached = columns[0][0] if book["objective"] == "mse" else columns[1][0]
        print(f"| {rho} | {book['levels']} | {'E[D²]' if book['objective'] == 'mse' else 'E[D²] after gain'} "
              f"| {columns[0][0]:.5f} | {columns[0][1]:.5f} ({columns[0][2]:.5f}) | {columns[0][3]:+.1f} "
              f"| {columns[1][0]:.5f} | {columns[1][1]:.5f} ({columns[1][2]:.5f}) | {columns[1][3]:+.1f} "
              + (f"| {best:.5f} | {reached / best:.3f} |" if best else "| – | – |"))


main()
