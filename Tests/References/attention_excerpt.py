"""Relative logit errors on Datasets/activations computed with numpy, independently of the package.

Run from the root of the checkout: python3 Tests/References/attention_excerpt.py > Tests/References/attention_excerpt.json
Made with the versions named in the file.
"""
import json
import sys

import numpy as np
import scipy
from scipy.stats import norm

ROOT = "Datasets/activations/"
CQ, CK, Q, K = (np.load(ROOT + name + ".npy").astype(float) for name in (
    "calibration_queries", "calibration_keys", "evaluation_queries", "evaluation_keys"))
T = 64


def nearest(x, levels):
    levels = np.sort(levels)
    return levels[np.searchsorted((levels[1:] + levels[:-1]) / 2, x)]


def integer(bits, sample):
    top = 2 ** (bits - 1) - 1
    step = np.abs(sample).max() / top
    return step * np.arange(-top, top + 1)


def floating(bits, sample):
    e, m = {4: (2, 1), 8: (4, 3)}[bits]
    bias = 2 ** (e - 1) - 1
    values = []
    for exponent in range(2 ** e):
        for fraction in range(2 ** m):
            if bits == 8 and exponent == 15 and fraction == 7:
                continue
            lead = 1 if exponent else 0
            values.append((lead + fraction / 2 ** m) * 2.0 ** (max(exponent, 1) - bias))
    values = np.unique(np.concatenate([values, -np.array(values)]))
    return values * np.abs(sample).max() / values.max()


def gaussian(bits, sample):
    p = (np.arange(2 ** bits) + 0.5) / 2 ** bits
    return norm.ppf(p) * np.sqrt(3) * np.sqrt((sample ** 2).mean())


def error(q, k, qh, kh):
    top = bottom = 0.0
    for s in range(0, len(q), T):
        exact = q[s:s + T] @ k[s:s + T].T
        coded = qh[s:s + T] @ kh[s:s + T].T
        top += ((exact - coded) ** 2).sum()
        bottom += (exact ** 2).sum()
    return top / bottom


out = {"numpy": np.__version__, "scipy": scipy.__version__, "python": sys.version.split()[0], "errors": {}}
for bits in (4, 8):
    for name, design in (("integer", integer), ("float", floating), ("gaussian-companding", gaussian)):
        out["errors"][f"{name}/{bits}"] = [
            error(Q[h], K[0], nearest(Q[h], design(bits, CQ[h])), nearest(K[0], design(bits, CK[0])))
            for h in range(len(Q))]
json.dump(out, sys.stdout, indent=1)
print()
