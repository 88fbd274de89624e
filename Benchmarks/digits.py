#!/usr/bin/env python3
"""Correct digits against bits on the linear regression sets of NIST's Statistical Reference Datasets.

Usage: digits.py [--qls PATH] [--svg FILE] [--response-bits full]
Digits are the smallest −log₁₀(|x̂ⱼ − cⱼ|/|cⱼ|) over the coefficients, c as certified, between 0 and 15. Powers of x in the
polynomial sets are written with all the digits that they have. Prints a Markdown table; --svg plots it through gnuplot.
"""
import argparse
import csv
import json
import math
import subprocess
import sys
import tempfile
from decimal import Decimal, getcontext
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BITS = [1, 2, 3, 4, 5, 6, 7, 8]
WAYS = [(f"{bits}", ["--bits", str(bits)]) for bits in BITS] + [
    ("4, refined", ["--bits", "4", "--refine"]), ("normal", ["--bits", "full", "--method", "normal"]),
    ("QR", ["--bits", "full", "--method", "qr"])]


def write_table(entry, path):
    """The design matrix: the set's columns, or the powers of its only one."""
    with open(ROOT / "Datasets/strd" / entry["file"], newline="") as file:
        rows = list(csv.DictReader(file))
    model, names = entry["model"], entry["predictors"]
    getcontext().prec = 200
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        if model["kind"] == "polynomial":
            writer.writerow([f"x{k}" for k in range(1, model["degree"] + 1)] + ["y"])
            for row in rows:
                x = Decimal(row[names[0]])
                writer.writerow([x ** k for k in range(1, model["degree"] + 1)] + [row[entry["response"]]])
        else:
            writer.writerow(names + ["y"])
            for row in rows:
                writer.writerow([row[name] for name in names] + [row[entry["response"]]])


def digits(found, certified):
    """The smallest number of correct digits; an error of exactly 0 counts as 15."""
    least = 15.0
    for estimate, exact in zip(found, certified):
        error = abs(estimate - exact) / (abs(exact) if exact else 1)
        least = min(least, 15.0 if error == 0 else -math.log10(error))
    return max(0.0, least)


def solve(qls, path, entry, options):
    """Digits, the measured error ratio, and the predictors left out; None where the command failed."""
    intercept = [] if entry["model"]["intercept"] else ["--no-intercept"]
    run = subprocess.run([qls, "solve", path, "--response", "y", *intercept, *options, "--reference", "--format", "json"],
                         capture_output=True, text=True)
    if run.returncode:
        return None, None, run.stderr.strip()
    solution = json.loads(run.stdout)
    fit = solution["responses"][0]
    certified = [c["estimate"] for c in entry["certified"]["coefficients"]]
    found = digits([c["estimate"] for c in fit["coefficients"]], certified)
    return found, (fit["reference"] or {}).get("errorRatio"), solution["droppedColumns"]


def plot(path, table):
    blocks, lines = [], []
    for place, (name, values) in enumerate(table.items()):
        points = "".join(f"{bits} {value}\n" for bits, value in zip(BITS, values))
        blocks.append(f"$d{place} << EOD\n{points}EOD\n")
        lines.append(f"$d{place} with linespoints pt {place + 1} lw 1.5 title '{name}'")
    script = (f"set terminal svg size 820,440 font 'Helvetica,13' background 'white'\nset output '{path}'\n"
              "set key outside right\nset grid lc rgb '#dddddd'\nset xlabel 'bits per number'\nset xtics 1\n"
              "set ylabel 'correct digits'\nset yrange [0:15.5]\n" + "".join(blocks) + "plot " + ", ".join(lines) + "\n")
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qls", default=str(ROOT / ".build/release/qls"))
    parser.add_argument("--svg")
    parser.add_argument("--response-bits", default="full")
    options = parser.parse_args()
    sets = json.loads((ROOT / "Datasets/strd/certified.json").read_text())
    print("| set | rows × coefficients | " + " | ".join(name for name, _ in WAYS) + " |")
    print("|---|---:|" + "---:|" * len(WAYS))
    table, notes = {}, []
    with tempfile.TemporaryDirectory() as folder:
        for name, entry in sets.items():
            path = Path(folder) / f"{name}.csv"
            write_table(entry, path)
            cells, table[name] = [], []
            for way, extra in WAYS:
                found, _, left = solve(options.qls, path, entry, extra + ["--response-bits", options.response_bits]
                                       if extra[1] != "full" else extra)
                cells.append("–" if found is None else f"{found:.1f}" + ("*" if left else ""))
                if found is None:
                    notes.append(f"{name}, {way}: {left}")
                elif len(table[name]) < len(BITS):
                    table[name].append(found)
            count = len(entry["certified"]["coefficients"])
            print(f"| {name} | {entry['observations']} × {count} | " + " | ".join(cells) + " |", flush=True)
    for note in notes:
        print(note, file=sys.stderr)
    if options.svg:
        plot(options.svg, table)


main()
