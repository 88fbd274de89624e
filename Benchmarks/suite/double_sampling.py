"""Stochastic gradient descent on stochastically quantized rows, with two independent samples of each number so that the
gradient is unbiased: the published way to regress on quantized samples (Zhang et al., "ZipML", ICML 2017).

Columns are centred and scaled to unit variance; levels are equally spaced from minimum to maximum. Two samples of a number
share its lower level, so the second costs one bit.
"""
import numpy as np


def samples(x, bits, generator):
    """Two unbiased roundings of each number to 2^bits equally spaced levels."""
    low, high = x.min(axis=0), x.max(axis=0)
    step = np.where(high > low, (high - low) / (2 ** bits - 1), 1)
    place = (x - low) / step
    base = np.clip(np.floor(place), 0, 2 ** bits - 2)
    return [low + step * (base + (generator.random(x.shape) < place - base)) for _ in range(2)]


def descend(first, second, y, rate, epochs, batch, generator):
    """Minibatch gradient steps (Q₁ᵀ(Q₂w − y) + Q₂ᵀ(Q₁w − y))/2 with a rate that falls as 1/√epoch; the mean of the last
    epoch's weights."""
    m, n = first.shape
    w = np.zeros(n)
    for epoch in range(epochs):
        if not np.all(np.isfinite(w)):
            return None
        order, sum_ = generator.permutation(m), np.zeros(n)
        step, starts = rate / np.sqrt(1 + epoch), range(0, m, batch)
        for start in starts:
            rows = order[start:start + batch]
            a, b, target = first[rows], second[rows], y[rows]
            w -= step / (2 * len(rows)) * (a.T @ (b @ w - target) + b.T @ (a @ w - target))
            sum_ += w
    return sum_ / len(starts) if np.all(np.isfinite(sum_)) else None


def solve(x, y, bits, epochs=20, batch=32, seed=1):
    """Yields slopes for the columns of x, one solution per rate that does not diverge: the caller takes the best by its true
    error. `bits` None descends on the numbers themselves."""
    generator = np.random.default_rng(seed)
    scale = x.std(axis=0)
    scale[scale == 0] = 1
    z, target = (x - x.mean(axis=0)) / scale, y - y.mean()
    first, second = (z, z) if bits is None else samples(z, bits, generator)
    largest = np.linalg.norm(z, 2) ** 2 / len(z)
    for rate in [4.0 ** -k for k in range(8)]:
        with np.errstate(over="ignore", invalid="ignore"):  # Too large a rate diverges.
            w = descend(first, second, target, rate / largest, epochs, batch, generator)
        if w is not None:
            yield w / scale
