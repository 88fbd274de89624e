#!/usr/bin/env python3
"""Error against bits on the regression data sets: `qls solve --reference` for every quantizer and number of bits.

Usage: accuracy.py [--qls PATH] [--svg FILE] [--bits 1,2,3,4,6,8] [DATA.csv:RESPONSE[,LEFT OUT ...] ...]
Prints a Markdown table of the measured error ratio q (and the predicted one); --svg plots it through gnuplot.
"""
import argparse
import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETS = ["california_housing.csv:median_house_value", "power_plant_ccpp.csv:PE", "diabetes.csv:target",
        "tecator_meats.csv:fat,water,protein"]
METHODS = [("uniform", "none"), ("lloyd-max", "none"), ("lloyd-max", "decorrelate"), ("balanced", "none"),
           ("auto", "auto")]


def ratio(qls, data, response, bits, quantizer, transform):
    response, *others = response.split(",")
    left = ["--exclude", ",".join(others)] if others else []
    run = subprocess.run(
        [qls, "solve", data, "--response", response, *left, "--bits", str(bits), "--quantizer", quantizer, "--transform",
         transform, "--reference", "--format", "json"], capture_output=True, text=True)
    if run.returncode:
        sys.exit(run.stderr)
    fit = json.loads(run.stdout)["responses"][0]
    return fit["reference"]["errorRatio"], fit["predictedErrorRatio"]


def number(value):
    return "–" if value is None else f"{value:.2g}"


def plot(path, bits, series):
    gnuplot = shutil.which("gnuplot") or sys.exit("gnuplot is not installed: apt-get install gnuplot-nox")
    blocks = "".join(
        f"$d{i} << EOD\n" + "".join(f"{b} {m}\n" for b, m in zip(bits, values)) + "EOD\n"
        for i, (_, values) in enumerate(series))
    lines = ", ".join(f"$d{i} with linespoints lw 2 pt 7 title '{name}'" for i, (name, _) in enumerate(series))
    script = (f"set terminal svg size 760,440 font 'Helvetica,13' background 'white'\nset output '{path}'\n"
              "set logscale y\nset format y '%g'\nset grid ytics\nset key top right\n"
              "set xlabel 'bits per number'\n"
              "set ylabel 'quantization error / sampling error'\n" + blocks + "plot " + lines + "\n")
    subprocess.run([gnuplot], input=script, text=True, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qls", default=str(ROOT / ".build/release/qls"))
    parser.add_argument("--svg")
    parser.add_argument("--bits", default="1,2,3,4,5,6,7,8")
    parser.add_argument("sets", nargs="*")
    options = parser.parse_args()
    bits = [int(b) for b in options.bits.split(",")]
    sets = options.sets or [str(ROOT / "Datasets/regression" / s) for s in SETS]
    means = {method: [[] for _ in bits] for method in METHODS}
    print("| data | quantizer | transform | " + " | ".join(f"{b} bits" for b in bits) + " |")
    print("|---|---|---|" + "---:|" * len(bits))
    for item in sets:
        data, response = item.rsplit(":", 1)
        for quantizer, transform in METHODS:
            row = []
            for place, b in enumerate(bits):
                measured, predicted = ratio(options.qls, data, response, b, quantizer, transform)
                means[quantizer, transform][place].append(math.log(max(measured, 1e-12)))
                row.append(f"{number(measured)} ({number(predicted)})")
            print(f"| {Path(data).stem} | {quantizer} | {transform} | " + " | ".join(row) + " |", flush=True)
    series = []
    for quantizer, transform in METHODS:
        values = [math.exp(sum(v) / len(v)) for v in means[quantizer, transform]]
        print(f"| geometric mean | {quantizer} | {transform} | " + " | ".join(number(v) for v in values) + " |")
        name = "automatic" if quantizer == "auto" else quantizer + ("" if transform == "none" else " + " + transform)
        series.append((name, values))
    if options.svg:
        plot(options.svg, bits, series)


main()
