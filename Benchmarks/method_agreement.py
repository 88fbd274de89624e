"""Agreement of every method of `qls solve --bits full` with LAPACK (through numpy and scipy).

For each regression set the coefficients, the residual sum of squares and the rank of each method are held against
scipy.linalg.lstsq (gelsd) on the centred, scaled columns that the method kept; svd, which gives least norms, against
numpy.linalg.lstsq on all of them. Ten digits of the fit: |A(x - x')| / |A x'| and of the residual norm.

Run: python3 Benchmarks/method_agreement.py .build/release/qls index.json
index.json lists sets as [{"file": "diabetes.csv", "targets": ["target"]}, ...], files beside it.
"""

import json
import pathlib
import subprocess
import sys

import numpy
import pandas
import scipy.linalg

program, index = sys.argv[1], pathlib.Path(sys.argv[2])
methods = ["auto", "qr", "normal", "svd", "lsqr", "lsmr"]
worst = {m: 0.0 for m in methods}
print(f"{'set':22}" + "".join(f"{m:>10}" for m in methods) + "   largest relative difference of fit and residual norm")
for entry in json.loads(index.read_text()):
    path = index.parent / entry["file"]
    table = pandas.read_csv(path)
    target = entry["targets"][0]
    names = [c for c in table.columns if c != target]
    a, b = table[names].to_numpy(float), table[target].to_numpy(float)
    a, b = a - a.mean(0), b - b.mean()
    row = f"{entry['file'][:-4]:22}"
    for method in methods:
        command = [program, "solve", str(path), "--response", target, "--bits", "full", "--method", method]
        run = subprocess.run(command + ["--format", "json"], capture_output=True, text=True)
        if run.returncode:
            row += f"{'exit ' + str(run.returncode):>10}"
            continue
        result = json.loads(run.stdout)
        x = numpy.array([c["estimate"] for c in result["responses"][0]["coefficients"][1:]])
        dropped = {d for d in result["droppedColumns"]}
        kept = [j for j, c in enumerate(names) if c not in dropped]
        norms = numpy.linalg.norm(a[:, kept], axis=0)
        norms[norms == 0] = 1
        y, _, rank, _ = scipy.linalg.lstsq(a[:, kept] / norms, b, cond=1e-12, lapack_driver="gelsd")
        fit, expected = a @ x, a[:, kept] @ (y / norms)
        difference = numpy.linalg.norm(fit - expected) / numpy.linalg.norm(expected)
        residual = abs(numpy.linalg.norm(b - fit) / numpy.linalg.norm(b - expected) - 1)
        if result["rank"] != rank + 1:
            row += f"{'rank ' + str(result['rank']):>10}"
            continue
        worst[method] = max(worst[method], difference, residual)
        row += f"{max(difference, residual):10.1e}"
    print(row)
print(f"{'worst':22}" + "".join(f"{worst[m]:10.1e}" for m in methods))
