"""Writes factorizations.json, the values that FactorizationsTests compares with.

Dense ones in 60-digit arithmetic (mpmath), sparse ones through numpy's dense SVD, which shares no code with SPQR or
CHOLMOD. Run: python3 Tests/References/factorizations.py
"""

import json
import pathlib

import mpmath
import numpy
import scipy
import scipy.io

mpmath.mp.dps = 60
here = pathlib.Path(__file__).parent
datasets = here.parent.parent / "Datasets" / "sparse"


def exact(m):
    """A matrix of doubles as exact mpmath numbers."""
    return mpmath.matrix([[mpmath.mpf(float(x)) for x in row] for row in m])


def numbers(v):
    return [mpmath.nstr(x, 25) for x in v]


def vandermonde(points, columns):
    """Powers of the points by repeated multiplication in double precision, as the test makes them."""
    rows = []
    for t in points:
        row, power = [], 1.0
        for _ in range(columns):
            row.append(power)
            power *= t
        rows.append(row)
    return rows


def dense():
    hilbert = [[1.0 / (i + j + 1) for j in range(12)] for i in range(12)]
    a = vandermonde([i / 19 for i in range(20)], 8)
    b = [1.0 / (1 + i) for i in range(20)]
    A, B = exact(a), exact([[x] for x in b])
    x = mpmath.lu_solve(A.T * A, A.T * B)
    residual = A * x - B
    return {
        "hilbert12_singular_values": numbers(mpmath.svd_r(exact(hilbert), compute_uv=False)),
        "vandermonde20x8_solution": numbers(x),
        "vandermonde20x8_residual_norm": mpmath.nstr(mpmath.norm(residual), 25),
        "vandermonde20x8_singular_values": numbers(mpmath.svd_r(A, compute_uv=False)),
    }


def sparse(name):
    a = scipy.io.mmread(datasets / f"{name}.mtx")
    a = numpy.asarray(a.toarray(), dtype=float)
    m, n = a.shape
    given = datasets / f"{name}_rhs1.mtx"
    if given.exists():
        b = numpy.asarray(scipy.io.mmread(given)).ravel()
    else:
        b = numpy.array([((i * 7919) % 101 - 50) / 10 for i in range(m)])
    u, s, vt = numpy.linalg.svd(a, full_matrices=False)
    rank = int((s > 1e-10 * s[0]).sum())
    x = vt[:rank].T @ ((u[:, :rank].T @ b) / s[:rank])
    x = x + vt[:rank].T @ ((u[:, :rank].T @ (b - a @ x)) / s[:rank])
    return {
        "name": name,
        "rows": m,
        "columns": n,
        "rank": rank,
        "largest_singular_value": s[0],
        "smallest_nonzero_singular_value": s[rank - 1],
        "residual_norm": float(numpy.linalg.norm(b - a @ x)),
        "minimum_norm_solution": [float(v) for v in x],
    }


names = ["ash219", "ch5-5-b1", "illc1033", "lpi_galenet", "n3c5-b3", "rel4", "well1033"]
values = {
    "note": f"numpy {numpy.__version__}, scipy {scipy.__version__}, mpmath {mpmath.__version__}. Right-hand side of a "
    "sparse set: its own first, or else ((7919 i) mod 101 - 50) / 10 for row i from 0.",
    "dense": dense(),
    "sparse": [sparse(name) for name in names],
}
(here / "factorizations.json").write_text(json.dumps(values, indent=1) + "\n")
