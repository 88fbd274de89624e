"""Coefficients of regressions on codes of synthetic Gaussian designs: 10⁶ rows, 6 predictors, equal correlations.

Run: python3 Benchmarks/synthetic_accuracy.py .build/release/qls [ROWS] [SEEDS]

For each correlation and number of bits: the median over the seeds of the relative coefficient error ‖x̂ − x‖/‖x‖ (without
the intercept) against the full-precision solution, by default settings (8-bit response). y = Σ x_j + noise of variance 1.
"""

import json
import statistics
import subprocess
import sys
import tempfile

import numpy

program = sys.argv[1]
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 10
print("| correlation | bits | median relative error | largest | median q |\n|---|---|---|---|---|")
for correlation in (0.2, 0.5, 0.8):
    errors = {4: [], 1: []}
    ratios = {4: [], 1: []}
    for seed in range(seeds):
        rng = numpy.random.default_rng(seed)
        common = rng.normal(size=(rows, 1))
        x = numpy.sqrt(correlation) * common + numpy.sqrt(1 - correlation) * rng.normal(size=(rows, 6))
        y = x.sum(1, keepdims=True) + rng.normal(size=(rows, 1))
        with tempfile.NamedTemporaryFile(suffix=".npy") as file:
            numpy.save(file.name, numpy.asfortranarray(numpy.hstack([x, y])))
            for bits in errors:
                run = subprocess.run(
                    [program, "solve", file.name, "--response", "7", "--bits", str(bits), "--reference", "--format",
                     "json"], capture_output=True, text=True, check=True)
                fit = json.loads(run.stdout)["responses"][0]
                found, exact = (numpy.array([c["estimate"] for c in list_[1:]])
                                for list_ in (fit["coefficients"], fit["reference"]["coefficients"]))
                errors[bits].append(numpy.linalg.norm(found - exact) / numpy.linalg.norm(exact))
                ratios[bits].append(fit["reference"]["errorRatio"])
    for bits in errors:
        print(f"| {correlation} | {bits} | {statistics.median(errors[bits]):.2g} | {max(errors[bits]):.2g} | "
              f"{statistics.median(ratios[bits]):.2g} |", flush=True)
