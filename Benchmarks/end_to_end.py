#!/usr/bin/env python3
"""CSV to regression: `qls solve` at 4 bits against pandas.read_csv + scikit-learn LinearRegression, in turn.

Usage: end_to_end.py [--rows 1000000] [--columns 20] [--runs 3] [--qls PATH]
Makes the table in a temporary folder, checks that both answers agree within the reported error, and prints the time
and peak memory of every run and the ratio of the medians. Needs numpy, pandas and scikit-learn.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RIVAL = """
import json, sys
import pandas as pd
from sklearn.linear_model import LinearRegression
table = pd.read_csv(sys.argv[1])
model = LinearRegression().fit(table.drop(columns="y").to_numpy(), table["y"].to_numpy())
print(json.dumps([model.intercept_] + list(model.coef_)))
"""


def run(command):
    """Wall seconds, peak megabytes and standard output of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status:
        sys.exit(f"{command[0]} failed")
    return seconds, usage.ru_maxrss / 1024, output


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--qls", default=str(ROOT / ".build/release/qls"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        table = os.path.join(folder, "table.csv")
        subprocess.run([sys.executable, str(ROOT / "Benchmarks/make_table.py"), str(options.rows),
                        str(options.columns), table], check=True)
        print(f"{options.rows} rows, {options.columns} predictors, {os.path.getsize(table) / 1e6:.0f} MB of CSV")
        times = {"qls": [], "pandas + scikit-learn": []}
        for _ in range(options.runs):
            seconds, memory, output = run(
                [options.qls, "solve", table, "--response", "y", "--bits", "4", "--format", "json"])
            fit = json.loads(output)["responses"][0]["coefficients"]
            times["qls"].append((seconds, memory))
            seconds, memory, output = run([sys.executable, "-c", RIVAL, table])
            times["pandas + scikit-learn"].append((seconds, memory))
            for ours, theirs in zip(fit, json.loads(output)):
                assert abs(ours["estimate"] - theirs) < 0.2 * ours["standardError"], (ours, theirs)
        print("| program | seconds (median) | peak MB |\n|---|---:|---:|")
        medians = {}
        for name, values in times.items():
            medians[name] = statistics.median(v[0] for v in values)
            print(f"| {name} | {medians[name]:.2f} | {max(v[1] for v in values):.0f} |")
        print(f"ratio of times, qls = 1: {medians['pandas + scikit-learn'] / medians['qls']:.2f}")


if __name__ == "__main__":
    main()
