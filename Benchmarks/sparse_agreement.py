"""Sparse least squares of `qls solve A.mtx --rhs b.mtx` beside numpy and scipy, as Markdown tables.

Run: python3 Benchmarks/sparse_agreement.py .build/release/qls FOLDER

FOLDER holds .mtx matrices and their right-hand sides NAME_rhs1.mtx; where there is none, one of fixed numbers is used.
The reference is numpy.linalg.lstsq (dense SVD) up to 1,000 columns, beyond that a sparse LU factorization of the
augmented system (scipy). Distances are relative, in the 2-norm.
"""

import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

import numpy
import scipy.io
import scipy.sparse
import scipy.sparse.linalg

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
scratch = tempfile.TemporaryDirectory()


def problems():
    for path in sorted(folder.glob("*.mtx")):
        if path.stem.endswith("_rhs1"):
            continue
        a = scipy.io.mmread(path).tocsc().astype(float)
        given = folder / f"{path.stem}_rhs1.mtx"
        if not given.exists():
            given = pathlib.Path(scratch.name) / f"{path.stem}.mtx"
            b = numpy.array([((i * 7919) % 101 - 50) / 10 for i in range(a.shape[0])])
            scipy.io.mmwrite(given, b[:, None], precision=17)
        yield path, given, a, numpy.asarray(scipy.io.mmread(given)).ravel()


def solve(path, given, bits, method):
    run = subprocess.run(
        [program, "solve", str(path), "--rhs", str(given), "--bits", str(bits), "--method", method, "--reference"]
        + ["--format", "json"], capture_output=True, text=True)
    return json.loads(run.stdout) if run.returncode == 0 else None


def coefficients(report):
    return numpy.array([c["estimate"] for c in report["responses"][0]["coefficients"]])


def distance(x, y):
    return numpy.linalg.norm(x - y) / numpy.linalg.norm(y)


def expected(a, b):
    m, n = a.shape
    if n <= 1000:
        dense = a.toarray()
        x, _, rank, _ = numpy.linalg.lstsq(dense, b, rcond=1e-12)
        return x, rank
    system = scipy.sparse.bmat([[scipy.sparse.eye(m), a], [a.T, None]]).tocsc()
    return scipy.sparse.linalg.spsolve(system, numpy.concatenate([b, numpy.zeros(n)]))[m:], n


def short(x):
    return "–" if x is None else f"{x:.1e}"


sets = list(problems())
print("Full precision: distances from the reference of coefficients by method, of ‖b − Ax‖ and ‖x‖ by SPQR.\n")
print("| set | m × n | entries | rank | SPQR | CHOLMOD | LSQR | LSMR | residual | norm |\n|" + "---|" * 10)
for path, given, a, b in sets:
    truth, rank = expected(a, b)
    reports = {method: solve(path, given, "full", method) for method in ["qr", "normal", "lsqr", "lsmr"]}
    far = [short(r and distance(coefficients(r), truth)) for r in reports.values()]
    response = reports["qr"]["responses"][0]
    residual = numpy.linalg.norm(b - a @ truth)
    # A consistent system has a residual of rounding errors; it counts relative to b.
    scale = numpy.linalg.norm(b)
    residual_far = abs(response["residualNorm"] - residual) / (residual if residual > 1e-8 * scale else scale)
    norm_far = abs(response["solutionNorm"] / numpy.linalg.norm(truth) - 1)
    mark = "" if reports["qr"]["rank"] == rank else f" (reference {rank})"
    print(f"| {path.stem} | {a.shape[0]} × {a.shape[1]} | {a.nnz} | {reports['qr']['rank']}{mark} | "
          + " | ".join(far) + f" | {short(residual_far)} | {short(norm_far)} |")

print("\nOn codes: distance of LSMR's coefficients from SPQR's, error ratios q of `auto`, bytes of the matrix.\n")
print("| set | bits | method | rank | LSMR − SPQR | q measured | q predicted | bytes | of |\n|" + "---|" * 9)
for path, given, a, b in sets:
    for bits in [8, 4]:
        qr, lsmr, auto = (solve(path, given, bits, method) for method in ["qr", "lsmr", "auto"])
        response = auto["responses"][0]
        print(f"| {path.stem} | {bits} | {auto['method']} | {auto['rank']} | "
              f"{short(distance(coefficients(lsmr), coefficients(qr)))} | {short(response['reference']['errorRatio'])} | "
              f"{short(response['predictedErrorRatio'])} | {auto['bytes'] - 8 * a.shape[0]} | "
              f"{auto['fullPrecisionBytes'] - 8 * a.shape[0]} |")

path, given, a, b = max(sets, key=lambda s: s[2].nnz)
ratios = []
for _ in range(9):
    full, codes = solve(path, given, "full", "qr"), solve(path, given, 4, "auto")
    seconds = [r["seconds"]["quantize"] + r["seconds"]["factorize"] for r in (full, codes)]
    ratios.append(seconds[1] / seconds[0])
print(f"\n{path.stem}, {a.shape[0]} × {a.shape[1]}: quantizing and solving at 4 bits takes "
      f"{statistics.median(ratios):.2f} times as long as SPQR in full precision (median of 9 pairs, "
      f"{min(ratios):.2f} to {max(ratios):.2f}).")
