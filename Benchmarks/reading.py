#!/usr/bin/env python3
"""Reading tables: the readers of this package against pandas, polars, pyarrow and numpy, in turn on the same files.

Usage: reading.py [--rows 1000000] [--columns 20] [--runs 7] [--threads 2] [--folder DIR] [--qls PATH] [--server PATH]
                  [--json FILE]

Makes the files in a temporary folder (or in --folder, where they stay), checks that every reader delivers the same
numbers to the last bit, and prints medians of interleaved runs and their ratios. Needs numpy, pandas, polars, pyarrow.
Build first: swift build -c release --package-path Benchmarks/Reading, and for --qls: swift build -c release.
"""
import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--folder")
    parser.add_argument("--json", type=Path, help="medians by file and reader")
    parser.add_argument("--qls", default=str(ROOT / ".build/release/qls"))
    parser.add_argument("--server", default=str(ROOT / "Benchmarks/Reading/.build/release/ReadingServer"))
    return parser.parse_args()


options = arguments()
found = {}
os.environ["POLARS_MAX_THREADS"] = str(options.threads)

import numpy as np  # noqa: E402 (the number of threads has to be set first)
import pandas as pd  # noqa: E402
import polars as pl  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.csv as pacsv  # noqa: E402

pa.set_cpu_count(options.threads)


class Server:
    """The readers of this package in a process of their own that answers requests with seconds."""

    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"the reading server failed at {words}")
        return float(answer)


def timed(work):
    def run():
        start = time.perf_counter()
        work()
        return time.perf_counter() - start
    return run


def make(folder):
    """The files: normal numbers with all 17 digits, and with 4 decimals."""
    numbers = np.random.default_rng(1).normal(size=(options.rows, options.columns))
    names = [f"x{j + 1}" for j in range(options.columns)]
    paths = {kind: str(folder / kind) for kind in ["full.csv", "short.csv", "full.csv.gz", "rows.npy", "single.npy"]}
    if not all(os.path.exists(path) for path in paths.values()):
        pl.DataFrame(numbers, schema=names).write_csv(paths["full.csv"])
        pl.DataFrame(numbers.round(4), schema=names).write_csv(paths["short.csv"])
        with open(paths["full.csv"], "rb") as plain, gzip.open(paths["full.csv.gz"], "wb", 1) as packed:
            shutil.copyfileobj(plain, packed, 1 << 20)
        np.save(paths["rows.npy"], numbers)
        np.save(paths["single.npy"], np.asfortranarray(numbers.astype("f4")))
    return paths, numbers, names


def check(server, paths, numbers, folder):
    """Every reader gives the numbers that the files were made from."""
    expected = {"full.csv": numbers, "short.csv": numbers.round(4), "full.csv.gz": numbers, "rows.npy": numbers,
                "single.npy": numbers.astype("f4").astype("f8")}
    dump = str(folder / "dump")
    for kind, path in paths.items():
        server("dump", dump, path)
        found = np.fromfile(dump).reshape(numbers.shape[1], -1).T
        assert np.array_equal(found, expected[kind]), f"{kind} is read wrongly"
        if kind.endswith((".csv", ".gz")):
            assert np.array_equal(pl.read_csv(path).to_numpy(), expected[kind]), f"polars, {kind}"
            assert np.array_equal(pd.read_csv(path).to_numpy(), expected[kind])
    os.remove(dump)


def compare(title, size, ways):
    """Takes turns, prints and keeps medians; the ratio is the time of each way over that of the first."""
    times = {name: [] for name in ways}
    for _ in range(options.runs):
        for name, way in ways.items():
            times[name].append(way())
    medians = {name: statistics.median(list_) for name, list_ in times.items()}
    first = next(iter(medians.values()))
    found[title] = medians
    print(f"\n{title} ({size / 1e6:.0f} MB)\n")
    print("| reader | seconds | MB/s | time over the first |\n|---|---|---|---|")
    for name, median in medians.items():
        print(f"| {name} | {median:.3f} | {size / 1e6 / median:.0f} | {median / first:.2f} |")
    sys.stdout.flush()


def main():
    own = Path(options.folder) if options.folder else Path(tempfile.mkdtemp())
    own.mkdir(parents=True, exist_ok=True)
    try:
        paths, numbers, names = make(own)
        server = Server(options.server)
        check(server, paths, numbers, own)
        print(f"{options.rows} rows, {options.columns} columns, {options.threads} threads, {options.runs} runs each; "
              f"polars {pl.__version__}, pandas {pd.__version__}, pyarrow {pa.__version__}, numpy {np.__version__}")
        store = str(own / "table.qls")
        last = names[-1]

        def quantize(path):
            return timed(lambda: subprocess.run(
                [options.qls, "quantize", path, "--response", last, "--bits", "4", "-o", store,
                 "--threads", str(options.threads)], check=True, capture_output=True))

        for kind in ["full.csv", "short.csv", "full.csv.gz"]:
            path = paths[kind]
            ways = {
                "this package, in blocks": lambda: server("pass", path),
                "this package, as a matrix": lambda: server("matrix", path),
                "qls quantize --bits 4 (to a store)": quantize(path),
                "polars.read_csv": timed(lambda: pl.read_csv(path)),
                "pyarrow.csv.read_csv": timed(lambda: pacsv.read_csv(path)),
                "pandas.read_csv": timed(lambda: pd.read_csv(path)),
                "pandas.read_csv, engine pyarrow": timed(lambda: pd.read_csv(path, engine="pyarrow")),
            }
            if kind == "full.csv.gz":
                del ways["pandas.read_csv, engine pyarrow"]
            compare(kind, os.path.getsize(path), ways)
        path = paths["full.csv"]
        compare("One column of full.csv", os.path.getsize(path), {
            "this package, in blocks": lambda: server("column", last, path),
            "polars.read_csv(columns)": timed(lambda: pl.read_csv(path, columns=[last])),
            "pyarrow, include_columns": timed(lambda: pacsv.read_csv(
                path, convert_options=pacsv.ConvertOptions(include_columns=[last]))),
            "pandas.read_csv(usecols)": timed(lambda: pd.read_csv(path, usecols=[last])),
        })
        for kind in ["rows.npy", "single.npy"]:
            path = paths[kind]
            compare(kind, os.path.getsize(path), {
                "this package, in blocks": lambda: server("pass", path),
                "qls quantize --bits 4 (to a store)": quantize(path),
                "numpy.load, to float64 columns": timed(lambda: np.load(path).astype("f8", order="F")),
                "numpy.load": timed(lambda: np.load(path)),
            })
        if options.json:
            options.json.write_text(json.dumps(found, indent=2))
    finally:
        if not options.folder:
            shutil.rmtree(own)


if __name__ == "__main__":
    main()
