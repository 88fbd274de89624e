#!/usr/bin/env python3
"""All benchmarks with their rivals: `make bench`.

Usage: bench.py [speed again accuracy size reading paper kernels …] [--rows 2000000] [--columns 64] [--rounds 3]
                [--datasets DIR] [--json FILE] [--page FILE] [--qls PATH]

Without names: all of them. The first run makes a virtual environment in .build/bench-environment and installs the
rivals there (Benchmarks/requirements.txt). --datasets takes a folder of further sets with an index.json as list of
{"file": …, "targets": […]}; without it the sets of Datasets/regression are used. The last table printed holds the
claims: our figure, the best rival's, and the ratio.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".build/bench-environment"
SETS = {"california_housing": ["median_house_value"], "power_plant_ccpp": ["PE"], "diabetes": ["target"],
        "tecator_meats": ["fat", "water", "protein"]}
PARTS = ["speed", "again", "accuracy", "size", "reading", "paper", "kernels"]


def enter_environment():
    """Runs this program again with the Python that has the rivals."""
    python = ENVIRONMENT / "bin/python"
    if Path(sys.prefix) == ENVIRONMENT:
        return
    marker = ENVIRONMENT / "complete"
    wanted = (ROOT / "Benchmarks/requirements.txt").read_text()
    if not marker.exists() or marker.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "-r", ROOT / "Benchmarks/requirements.txt"], check=True)
        marker.write_text(wanted)
    os.execv(python, [str(python), *sys.argv])


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=PARTS + [[]], metavar="part")
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--columns", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--datasets", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--qls", default=str(ROOT / ".build/release/qls"))
    return parser.parse_args()


def regression_sets(folder):
    """Files with their response and the further responses, which are left out."""
    if folder is None:
        return [(ROOT / f"Datasets/regression/{name}.csv", names[0], names[1:]) for name, names in SETS.items()]
    index = json.loads((folder / "index.json").read_text())
    return [(folder / entry["file"], entry["targets"][0], entry["targets"][1:]) for entry in index]


def built(name, product):
    """A benchmark program that is a Swift package of its own; all share what they build of the library."""
    words = ["-c", "release", "--package-path", ROOT / "Benchmarks" / name, "--scratch-path", ROOT / ".build/benchmarks"]
    subprocess.run(["swift", "build", "-q", *words], check=True)
    return ROOT / ".build/benchmarks/release" / product


def output(*words):
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def versions():
    from importlib.metadata import version
    names = (ROOT / "Benchmarks/requirements.txt").read_text().split()
    return {"Python": sys.version.split()[0]} | {name: version(name) for name in names}


def main():
    chosen = options()
    enter_environment()
    sys.path.insert(0, str(ROOT / "Benchmarks"))
    from suite.report import Report
    from suite import accuracy, size, speed
    parts, report, sets = chosen.parts or PARTS, Report(), regression_sets(chosen.datasets)
    with tempfile.TemporaryDirectory() as name:
        folder, shape = Path(name), (chosen.rows, chosen.columns)
        if {"speed", "again"} & set(parts):
            table = folder / "table.npy"
            speed.make(table, *shape)
            if "speed" in parts:
                speed.end_to_end(report, chosen.qls, table, chosen.rounds, shape)
            if "again" in parts:
                speed.solving_again(report, chosen.qls, table, folder, chosen.rounds, shape)
            table.unlink()
        if "accuracy" in parts:
            accuracy.accuracy(report, chosen.qls, sets, sgd_bits=4)
        if "size" in parts:
            size.size(report, chosen.qls, sets, folder)
    programs = {
        "reading": ("Reading", lambda: output(
            sys.executable, ROOT / "Benchmarks/reading.py", "--rows", "150000", "--runs", "5", "--qls", chosen.qls,
            "--server", built("Reading", "ReadingServer"))),
        "paper": ("Least squares with the paper's densities", lambda: output(
            built("Paper", "PaperExperiments"), "regression", "20")),
        "kernels": ("Kernels", lambda: "```\n" + output(built("Kernels", "KernelBenchmarks")) + "\n```")}
    failed = []
    for part, (title, text) in programs.items():
        if part in parts:
            try:
                report.section(title, text())
            except subprocess.CalledProcessError as error:  # The other parts took long: they are still reported.
                failed.append(f"{part}: {' '.join(map(str, error.cmd))}\n{error.stderr or ''}")
    header, rows = report.table_of_claims()
    report.section("Claims", "The ratio is how many times less time, memory or error `qls` takes.", header, rows)
    if chosen.page:
        chosen.page.write_text(report.page(versions()) + "\n")
    if chosen.json:
        chosen.json.write_text(report.json(versions()))
    if failed:
        sys.exit("\n".join(["failed:"] + failed))


main()
