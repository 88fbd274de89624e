"""Writes iterative.json: what scipy's lsqr and lsmr find on sets of Datasets/sparse, and damped solutions of numpy's
lstsq on the augmented system, for IterativeTests. Run: python3 Tests/References/iterative.py
"""

import json
import pathlib

import numpy
import scipy.io
import scipy.sparse.linalg as linalg

here = pathlib.Path(__file__).parent
datasets = here.parent.parent / "Datasets" / "sparse"


def case(name, damping, tolerance):
    a = scipy.io.mmread(datasets / f"{name}.mtx").tocsc().astype(float)
    m, n = a.shape
    given = datasets / f"{name}_rhs1.mtx"
    if given.exists():
        b = numpy.asarray(scipy.io.mmread(given)).ravel()
    else:
        b = numpy.array([((i * 7919) % 101 - 50) / 10 for i in range(m)])
    dense = numpy.vstack([a.toarray(), damping * numpy.eye(n)])
    x = numpy.linalg.lstsq(dense, numpy.concatenate([b, numpy.zeros(n)]), rcond=1e-10)[0]
    l = linalg.lsqr(a, b, damp=damping, atol=tolerance, btol=tolerance, conlim=0, iter_lim=10 * n)
    s = linalg.lsmr(a, b, damp=damping, atol=tolerance, btol=tolerance, conlim=0, maxiter=10 * n)
    return {
        "name": name,
        "damping": damping,
        "tolerance": tolerance,
        "solution": x.tolist(),
        "lsqr": {"iterations": int(l[2]), "residualNorm": l[3], "error": float(numpy.linalg.norm(l[0] - x))},
        "lsmr": {"iterations": int(s[2]), "residualNorm": s[3], "error": float(numpy.linalg.norm(s[0] - x))},
    }


cases = [
    case(name, damping, tolerance)
    for name in ["well1033", "ash219", "lpi_galenet", "rel4", "ch5-5-b1"]
    for damping in [0.0, 0.5]
    for tolerance in [1e-6, 1e-12]
]
(here / "iterative.json").write_text(json.dumps(cases, indent=1) + "\n")
for c in cases:
    print(c["name"], c["damping"], c["tolerance"], c["lsqr"], c["lsmr"])
