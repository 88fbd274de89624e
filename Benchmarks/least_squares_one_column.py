#!/usr/bin/env python3
"""The least-squares experiment with one column, by numpy alone: where tuning the density in ρ pays and where it does not.

Usage: least_squares_one_column.py [--seed N]
Pairs (a, b) are standard normal with correlation ρ; both are companded with the density of ρ or with that of 0, and
w = Σ âb̂ / Σ â² is compared with the full-precision Σ ab / Σ a². Prints the change of the root mean square and of the mean
of |w − w*|, and how much of the error is bias.
"""
import argparse

import numpy as np


def companding(rho, count):
    """Levels at the (i − ½)/K quantiles of λ ∝ exp(−u²/6)·((1−ρ²) + ρ²u²)^{1/3}."""
    u = np.linspace(-12, 12, 480_001)
    density = np.exp(-u * u / 6) * np.cbrt(1 - rho * rho + rho * rho * u * u)
    cumulative = np.cumsum(density) - density / 2
    return np.interp((np.arange(count) + 0.5) / count, cumulative / density.sum(), u)


def quantize(x, levels):
    return levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, x)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=5)
    rng = np.random.default_rng(parser.parse_args().seed)
    print("| rows | ρ | bits | rms, ρ = 0 | rms, ρ of the data | change of rms | of mean | bias/rms, ρ = 0 | ρ of the data |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
    for rows, draws in [(100, 4000), (1000, 1500)]:
        for rho in [0.5, 0.87, 0.9]:
            a = rng.standard_normal((draws, rows))
            b = rho * a + np.sqrt(1 - rho * rho) * rng.standard_normal((draws, rows))
            exact = (a * b).sum(1) / (a * a).sum(1)
            for bits in [4, 5, 6, 8]:
                errors = []
                for design in [0, rho]:
                    levels = companding(design, 1 << bits)
                    coded, response = quantize(a, levels), quantize(b, levels)
                    errors.append((coded * response).sum(1) / (coded * coded).sum(1) - exact)
                rms = [np.sqrt(np.mean(e * e)) for e in errors]
                mean = [np.mean(np.abs(e)) for e in errors]
                print(f"| {rows} | {rho} | {bits} | {rms[0]:.2g} | {rms[1]:.2g} | {100 * (rms[1] / rms[0] - 1):+.1f}% "
                      f"| {100 * (mean[1] / mean[0] - 1):+.1f}% | {errors[0].mean() / rms[0]:.2f} "
                      f"| {errors[1].mean() / rms[1]:.2f} |", flush=True)


main()
