#!/usr/bin/env python3
"""Encoding speed: float32 values to packed 4-bit codes with Lloyd–Max codebooks, against FAISS QT_4bit compute_codes.

Needs numpy and faiss-cpu, and `swift build -c release` in Benchmarks/Quantizers.
Usage: encode_against_faiss.py [--program PATH] [--rows N] [--columns D] [--rounds R] [DATA.npy]
Both sides encode the same data with one thread, taking turns; every code of ours is checked before anything is timed.
Figures are medians of processor time. DATA.npy is a two-dimensional array; without it, standard normal numbers.
"""
import argparse
import subprocess
import tempfile
import time
from pathlib import Path

import faiss
import numpy as np

ROOT = Path(__file__).resolve().parent
WAYS = [("columns", "contiguous columns, a codebook each (the library's layout)"),
        ("rows", "contiguous rows, a codebook per column, transposition included"),
        ("flat", "contiguous rows, one codebook")]


def packed(codes):
    """Codes of 4 bits, the first in the low half of a byte."""
    padded = np.append(codes, np.zeros(len(codes) % 2, codes.dtype)).astype(np.uint8)
    return padded[0::2] | padded[1::2] << 4


def check(data, thresholds, output):
    """Compares the packed codes of all three ways with numpy.searchsorted."""
    found = np.fromfile(output, np.uint8)
    by_columns = np.concatenate(
        [packed(np.searchsorted(t, x, side="left")) for t, x in zip(thresholds, data.T)])
    flat = packed(np.searchsorted(thresholds[0], data.ravel(), side="left"))
    expected = np.concatenate([by_columns, by_columns, flat])
    if not np.array_equal(found, expected):
        raise SystemExit(f"{np.count_nonzero(found != expected)} of {len(found)} bytes of codes are wrong")


def mean_squared_error(data, thresholds):
    """Of the best levels for our codes: the mean of each cell."""
    total = 0.0
    for t, x in zip(thresholds, data.T):
        codes = np.searchsorted(t, x, side="left")
        counts = np.maximum(np.bincount(codes, minlength=16), 1)
        total += np.sum((x - (np.bincount(codes, x, 16) / counts)[codes]) ** 2)
    return total / data.size


def faiss_quantizers(data):
    for name, kind in [("QT_4bit", faiss.ScalarQuantizer.QT_4bit),
                       ("QT_4bit_uniform", faiss.ScalarQuantizer.QT_4bit_uniform)]:
        quantizer = faiss.ScalarQuantizer(data.shape[1], kind)
        quantizer.train(data)
        yield name, quantizer


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "Quantizers/.build/release/QuantizerBenchmarks"))
    parser.add_argument("--rows", type=int, default=65_536)
    parser.add_argument("--columns", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("data", nargs="?")
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    if options.data:
        data = np.ascontiguousarray(np.load(options.data), dtype=np.float32)
    else:
        data = np.random.default_rng(1).standard_normal((options.rows, options.columns)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        data.tofile(f"{folder}/data.f32")
        program = subprocess.Popen(
            [options.program, "encode", f"{folder}/data.f32", str(data.shape[1]), f"{folder}/codes"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        thresholds = [np.array(t.split(), np.float32) for t in program.stdout.readline().split(";")]
        check(data, thresholds, f"{folder}/codes")
        quantizers = list(faiss_quantizers(data))
        ours = {way: [] for way, _ in WAYS}
        theirs = {name: [] for name, _ in quantizers}
        for _ in range(options.rounds):
            for way, _ in WAYS:
                program.stdin.write(way + "\n")
                program.stdin.flush()
                ours[way].append(float(program.stdout.readline()))
            for name, quantizer in quantizers:
                start = time.thread_time()
                quantizer.compute_codes(data)
                theirs[name].append(time.thread_time() - start)
        program.stdin.close()
        program.wait()
    nanoseconds = 1e9 / data.size
    base = np.median(theirs["QT_4bit"])
    print(f"{data.shape[0]} × {data.shape[1]} float32, {options.rounds} rounds, FAISS {faiss.__version__}, "
          f"{faiss.get_compile_options().strip()}; all {3 * data.size} codes checked\n")
    print("| encoder | ns a value, median | fastest | times as fast as QT_4bit |")
    print("|---|---:|---:|---:|")
    for name, times in [(f"ours: {text}", ours[way]) for way, text in WAYS] + [
            (f"FAISS {name}", theirs[name]) for name, _ in quantizers]:
        middle = np.median(times)
        print(f"| {name} | {middle * nanoseconds:.3f} | {min(times) * nanoseconds:.3f} | {base / middle:.2f} |")
    for name, quantizer in quantizers:
        decoded = quantizer.decode(quantizer.compute_codes(data))
        print(f"\nmean squared error of FAISS {name}: {np.mean((data - decoded) ** 2):.5f}", end="")
    print(f"\nmean squared error of our codes:      {mean_squared_error(data, thresholds):.5f}")


main()
