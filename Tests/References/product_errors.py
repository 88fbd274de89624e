"""Predicted errors of attention logits on Datasets/activations computed with numpy, independently of the package.

Integer codes of 4 bits fitted on the calibration arrays, head 0. From the codes of the evaluation arrays and the moments
kept with them: bias and variance of the first rows of logits of the first sequence, and the expected squared norm over all
pairs of one sequence. The regressions are numpy.linalg.lstsq, the variances quadratic forms with dense matrices.

Run from the root of the checkout: python3 Tests/References/product_errors.py > Tests/References/product_errors.json
Made with the versions named in the file.
"""
import json
import sys

import numpy as np

ROOT = "Datasets/activations/"
CQ, CK, Q, K = (np.load(ROOT + name + ".npy").astype(float)[0] for name in (
    "calibration_queries", "calibration_keys", "evaluation_queries", "evaluation_keys"))
T, BITS, PRIOR = 64, 4, 2


def expected_and_variance(x, sample):
    top = 2 ** (BITS - 1) - 1
    step = np.abs(sample).max() / top
    code = np.clip(np.ceil(x / step - 0.5), -top, top).astype(int)
    level = code * step
    relative = (x - level) / step
    mean, variance = np.zeros_like(x), np.zeros_like(x)
    for c in range(-top, top + 1):
        r = relative[code == c]
        n = len(r) + PRIOR
        m = r.sum() / n
        mean[code == c] = step * m
        variance[code == c] = step ** 2 * (((r ** 2).sum() + PRIOR / 12) / n - m ** 2)
    expected = np.zeros_like(x)
    for t in range(x.shape[1]):
        design = np.stack([np.ones(len(x)), level[:, t], mean[:, t]], 1)
        fit = design @ np.linalg.lstsq(design, (x - level)[:, t], rcond=None)[0]
        expected[:, t] = level[:, t] + fit
        residual = (x - level)[:, t] - fit
        variance[:, t] *= (residual ** 2).sum() / variance[:, t].sum()
    return level, expected, variance


qh, q, v = expected_and_variance(Q, CQ)
kh, k, w = expected_and_variance(K, CK)
total = measured = 0.0
for s in range(0, len(Q), T):
    b = slice(s, s + T)
    bias = q[b] @ k[b].T - qh[b] @ kh[b].T
    variance = np.array([[
        k[j] @ np.diag(v[i]) @ k[j] + q[i] @ np.diag(w[j]) @ q[i] + np.trace(np.diag(v[i]) @ np.diag(w[j]))
        for j in range(s, s + T)] for i in range(s, s + T)])
    total += (bias ** 2 + variance).sum()
    measured += ((Q[b] @ K[b].T - qh[b] @ kh[b].T) ** 2).sum()
    if s == 0:
        first = {"bias": bias[:3, :5].tolist(), "variance": variance[:3, :5].tolist()}
json.dump({"numpy": np.__version__, "python": sys.version.split()[0], "expectedSquaredNorm": total,
           "squaredError": measured, **first}, sys.stdout, indent=1)
print()
