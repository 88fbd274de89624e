"""Lloyd-Max levels of N(0,1) with weight (1-r^2) + r^2 u^2, to 30 digits, written to lloyd_max.json.

Newton's method in 50-digit arithmetic on level = centroid, for symmetric codebooks, from the solution in double
precision of the same equations by scipy; needs mpmath 1.3 and scipy. Positive halves of the levels.
Run: python3 lloyd_max.py
"""

import json
import pathlib

import mpmath as mp
from scipy.optimize import least_squares

mp.mp.dps = 50


def partial(a, b, r, lib):
    """Mass and first moment of phi(u)((1-r^2)+r^2u^2) over [a, b]."""
    pdf = lambda u: 0 if u == lib.inf else lib.exp(-u * u / 2) / lib.sqrt(2 * lib.pi)
    cdf = lambda u: 1 if u == lib.inf else (1 + lib.erf(u / lib.sqrt(2))) / 2
    end = lambda u: 0 if u == lib.inf else u
    pa, pb = pdf(a), pdf(b)
    m0 = cdf(b) - cdf(a)
    m1 = pa - pb
    m2 = m0 + end(a) * pa - end(b) * pb
    m3 = 2 * m1 + end(a) ** 2 * pa - end(b) ** 2 * pb
    return (1 - r * r) * m0 + r * r * m2, (1 - r * r) * m1 + r * r * m3


def residual(levels, r, lib):
    edges = [0] + [(levels[i] + levels[i + 1]) / 2 for i in range(len(levels) - 1)] + [lib.inf]
    out = []
    for i, level in enumerate(levels):
        mass, first = partial(edges[i], edges[i + 1], r, lib)
        out.append(level - first / mass)
    return out


def solve(half, r):
    start = [2.6 * (i + 0.5) / half for i in range(half)]
    fit = least_squares(lambda x: [float(v) for v in residual(list(x), float(r), mp.fp)], start, xtol=1e-15, ftol=1e-15)
    x = mp.findroot(lambda *v: residual(list(v), mp.mpf(r), mp), list(map(mp.mpf, fit.x)), tol=1e-60)
    return [mp.nstr(v, 30) for v in x]


rows = [
    {"rho": r, "count": 2 * half, "levels": solve(half, r)}
    for r in ["0", "0.3", "0.5", "0.7", "0.9", "0.97"]
    for half in [1, 2, 4, 8]
]
path = pathlib.Path(__file__).with_name("lloyd_max.json")
path.write_text(json.dumps({"note": "Positive halves of Lloyd-Max levels; made by lloyd_max.py.", "rows": rows}, indent=1))
