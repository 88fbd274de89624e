"""Tail probabilities and quantiles of Student's t, Fisher's F and the normal distribution.

Written to distributions.json. mpmath at 60 digits (continued fraction of the incomplete beta function); scipy checks each value
to 1e-7 (some of its own have no more digits). Run: python3 distributions.py
"""
import json
import os

import mpmath as mp
import scipy
from scipy import special, stats

mp.mp.dps = 60


def beta(x, a, b, y=None):
    """I_x(a, b) by the continued fraction DLMF 8.17.22, evaluated backwards with so many terms that 60 digits hold."""
    y = 1 - x if y is None else y
    if x > (a + 1) / (a + b + 2):
        return 1 - beta(y, b, a, x)
    terms = 600 + int(12 * mp.sqrt(a + b)) if a + b < 1e5 else 4000
    fraction = mp.mpf(1)
    for k in range(terms, 0, -1):
        m = k // 2
        if k % 2:
            d = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            d = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        fraction = 1 + d / fraction
    log_front = a * mp.log(x) + b * mp.log(y) - mp.loggamma(a) - mp.loggamma(b) + mp.loggamma(a + b)
    return mp.exp(log_front) / (a * fraction)


def student(t, nu):
    t, nu = mp.mpf(t), mp.mpf(nu)
    return beta(nu / (nu + t * t), nu / 2, mp.mpf(1) / 2, t * t / (nu + t * t))


def fisher(f, d1, d2):
    f, d1, d2 = mp.mpf(f), mp.mpf(d1), mp.mpf(d2)
    return beta(d2 / (d2 + d1 * f), d2 / 2, d1 / 2, d1 * f / (d2 + d1 * f))


def close(value, other, what):
    if float(value) > 1e-290:
        assert abs(float(value) - other) <= 1e-7 * abs(float(value)), (what, float(value), other)


def number(value):
    return mp.nstr(value, 20)


result = {
    "made by": f"distributions.py, mpmath {mp.__version__}, scipy {scipy.__version__}",
    "student two-sided": [],
    "fisher upper": [],
    "regularized beta": [],
    "student quantile": [],
}
for nu in (1, 2, 3, 5, 10, 29, 100, 1000, 20420, 1000000):
    for t in (1e-8, 0.001, 0.1, 0.5, 1, 1.96, 2.5, 4, 7.5, 12, 30, 100, 1000):
        p = student(t, nu)
        if p < mp.mpf(10) ** -290:
            continue
        close(p, 2 * stats.t.sf(t, nu), ("t", t, nu))
        result["student two-sided"].append({"t": t, "nu": nu, "p": number(p)})
for d1, d2 in ((1, 1), (1, 10), (2, 3), (3, 20), (5, 15), (10, 71), (12, 20420), (100, 100), (4, 1000000), (300, 5)):
    for f in (1e-6, 0.01, 0.5, 0.99, 1, 1.01, 2, 5, 20, 100, 1000, 1e6):
        p = fisher(f, d1, d2)
        if p < mp.mpf(10) ** -290:
            continue
        close(p, stats.f.sf(f, d1, d2), ("f", f, d1, d2))
        result["fisher upper"].append({"f": f, "d1": d1, "d2": d2, "p": number(p)})
for a, b in ((0.5, 0.5), (0.5, 5), (5, 0.5), (2, 3), (30, 40), (500, 0.5), (0.5, 500), (1e4, 2e4)):
    for x in (1e-12, 1e-3, 0.1, 0.25, 0.5, 0.75, 0.9, 0.999):
        value = beta(mp.mpf(x), mp.mpf(a), mp.mpf(b))
        close(value, special.betainc(a, b, x), ("beta", x, a, b))
        if value < mp.mpf(10) ** -290:
            continue
        result["regularized beta"].append({"x": x, "a": a, "b": b, "value": number(value)})
for nu in (1, 2, 3, 5, 10, 30, 100, 1000, 20420, None):
    for confidence in (0.001, 0.1, 0.5, 0.68, 0.9, 0.95, 0.99, 0.999, 0.999999):
        c = mp.mpf(confidence)
        if nu is None:
            t = mp.sqrt(2) * mp.erfinv(c)
        else:
            start = stats.t.ppf(0.5 + confidence / 2, nu)
            t = mp.findroot(lambda s: 1 - student(s, nu) - c, (start, start * (1 + 1e-6)), tol=1e-40)
            assert abs(float(t) - start) <= 1e-6 * start
        result["student quantile"].append({"confidence": confidence, "nu": nu, "t": number(t)})

here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "distributions.json"), "w") as file:
    json.dump(result, file, indent=1)
    file.write("\n")
print({key: len(value) for key, value in result.items()})
