#!/usr/bin/env python3
"""All benchmarks with their rivals: `make bench`.

Usage: bench.py [speed again sparse quantizers accuracy size reading calibration plans paper digits kernels …] [--quick]
                [--datasets DIR] [--json FILE] [--page FILE] [--qls PATH]

Without names: all of them. The first run makes a virtual environment in .build/bench-environment and installs the
rivals there (Benchmarks/requirements.txt; sparseqr where it builds). --json keeps what each part found; parts that run
again replace their own. --page writes the page from that, once all parts are there. --quick takes small sizes to check
this program, a few minutes beside building; nothing that it prints is a result, it keeps them apart (FILE-quick) and
writes no page. --datasets takes a folder of further
sets with an index.json as list of {"file": …, "targets": […]}; without it the sets of Datasets/regression are used.
The last table printed holds the claims: our figure, the best rival's, the ratio, the aim. Takes 8 GB of memory (statsmodels).
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".build/bench-environment"
SETS = {"california_housing": ["median_house_value"], "power_plant_ccpp": ["PE"], "diabetes": ["target"],
        "tecator_meats": ["fat", "water", "protein"]}
PARTS = ["speed", "again", "sparse", "quantizers", "accuracy", "size", "reading", "calibration", "plans", "paper", "digits",
         "kernels"]


@dataclass
class Scale:
    """How much is done."""
    rows: int = 2_000_000
    columns: int = 64
    rounds: int = 3
    sparse_rows: int = 200_000
    sparse_side: int = 60
    reading_rows: int = 1_000_000
    calibration_draws: int = 200
    calibration_bits: str = "2,3,4,6,8"
    plan_sets: int = 12
    paper_draws: int = 20
    kernel_parts: list = field(default_factory=lambda: ["gram", "codedgram", "products"])


QUICK = Scale(rows=20_000, columns=16, rounds=1, sparse_rows=4_000, sparse_side=15, reading_rows=2_000,
              calibration_draws=1, calibration_bits="4", plan_sets=1, paper_draws=1, kernel_parts=["gram"])


def enter_environment():
    """Runs this program again with the Python that has the rivals."""
    python = ENVIRONMENT / "bin/python"
    if Path(sys.prefix) == ENVIRONMENT:
        return
    marker = ENVIRONMENT / "complete"
    wanted = (ROOT / "Benchmarks/requirements.txt").read_text()
    if not marker.exists() or marker.read_text() != wanted:
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        install = [python, "-m", "pip", "install", "-q"]
        subprocess.run([*install, "-r", ROOT / "Benchmarks/requirements.txt"], check=True)
        spqr = subprocess.run([*install, "sparseqr"], capture_output=True, text=True)  # Compiles against SuiteSparse.
        reason = ENVIRONMENT / "without-spqr"
        if spqr.returncode:
            reason.write_text(spqr.stderr.strip().splitlines()[-1] if spqr.stderr.strip() else "pip failed")
        else:
            reason.unlink(missing_ok=True)
        marker.write_text(wanted)
    os.execv(python, [str(python), *sys.argv])


def options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=PARTS + [[]], metavar="part")
    parser.add_argument("--quick", action="store_true")
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
    names = [(entry["file"], SETS.get(Path(entry["file"]).stem, entry["targets"])) for entry in index]
    return [(folder / file, targets[0], targets[1:]) for file, targets in names]


def versions():
    from importlib.metadata import PackageNotFoundError, version
    found = {"Python": sys.version.split()[0]}
    for name in (ROOT / "Benchmarks/requirements.txt").read_text().split() + ["sparseqr"]:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def tables(folder, scale):
    """The table of the speed parts and a small one of the same columns, made when first asked for."""
    from suite import speed
    paths = folder / "table.npy", folder / "small.npy"
    if not paths[0].exists():
        speed.make(paths[0], scale.rows, scale.columns)
        speed.make(paths[1], min(scale.rows, 5_000), scale.columns)
    return paths


def work(report, qls, sets, scale, folder):
    """What each part does."""
    from suite import accuracy, programs, quantizers, size, sparse, speed
    shape = scale.rows, scale.columns
    few = sets if scale is not QUICK else sets[1:3]
    has_spqr = not (ENVIRONMENT / "without-spqr").exists()
    return {
        "speed": lambda: speed.end_to_end(report, qls, *tables(folder, scale), scale.rounds, shape),
        "again": lambda: speed.solving_again(report, qls, *tables(folder, scale), folder, scale.rounds, shape),
        "sparse": lambda: sparse.sparse(report, qls, folder, scale.rounds, scale.sparse_rows, scale.sparse_side, has_spqr),
        "quantizers": lambda: quantizers.quantizers(report, qls, sets),
        "accuracy": lambda: accuracy.accuracy(report, qls, few, sgd_bits=4),
        "size": lambda: size.size(report, qls, few, folder),
        "reading": lambda: programs.reading(report, qls, scale),
        "calibration": lambda: programs.calibration(report, qls, scale, few),
        "plans": lambda: programs.plans(report, qls, scale, few),
        "paper": lambda: programs.paper(report, qls, scale),
        "digits": lambda: programs.digits(report, qls, scale),
        "kernels": lambda: programs.kernels(report, qls, scale)}


def main():
    chosen = options()
    enter_environment()
    sys.path.insert(0, str(ROOT / "Benchmarks"))
    from suite.processes import Failure
    from suite.report import Report
    scale = QUICK if chosen.quick else Scale()
    if chosen.quick and chosen.json:
        chosen.json = chosen.json.with_stem(chosen.json.stem + "-quick")
    report, failed = Report(None if chosen.quick else chosen.json), []
    with tempfile.TemporaryDirectory() as name:
        parts = work(report, chosen.qls, regression_sets(chosen.datasets), scale, Path(name))
        for part in chosen.parts or PARTS:
            report.begin(part)
            try:
                parts[part]()
            except (subprocess.CalledProcessError, Failure) as error:  # The other parts took long: they are still kept.
                failed.append(f"{part}: {error}")
                continue
            report.end(part)
            if chosen.json:
                chosen.json.write_text(report.json(versions()))
    if chosen.page and not chosen.quick and set(PARTS) <= set(report.parts):
        chosen.page.write_text(report.page(PARTS, versions()))
    print("\n".join([report.times(PARTS), report.claims(PARTS)]), flush=True)
    if failed:
        sys.exit("\n".join(["failed:"] + failed))


main()
