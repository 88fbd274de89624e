"""Parts that are programs of their own: reading, calibration, bit plans, the paper's experiments, digits, kernels."""
import json
import re
import subprocess
import sys
import time
from pathlib import Path

from . import readme

ROOT = Path(__file__).resolve().parent.parent.parent


def built(report, name, product):
    """A benchmark program that is a Swift package of its own, built in a folder of its own: where packages share one, what
    another has built of the library since is not always noticed."""
    start = time.monotonic()
    scratch = ROOT / ".build/benchmarks" / name
    words = ["-c", "release", "--package-path", ROOT / "Benchmarks" / name, "--scratch-path", scratch]
    subprocess.run(["swift", "build", "-q", "--product", product, *words], check=True)
    report.building += time.monotonic() - start
    return scratch / "release" / product


def output(*words):
    run = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout.strip()


def verbatim(text):
    return f"```\n{text}\n```"


def reading(report, qls, scale):
    """Claims against the quickest rival per file."""
    path = ROOT / ".build/reading.json"
    text = output(sys.executable, ROOT / "Benchmarks/reading.py", "--rows", scale.reading_rows, "--runs", scale.rounds + 2,
                  "--qls", qls, "--server", built(report, "Reading", "ReadingServer"), "--json", path)
    report.section("Reading", text)
    medians = json.loads(path.read_text())
    for kind, title in {"full.csv": "reading CSV, 17 digits", "short.csv": "reading CSV, 4 decimals",
                        "rows.npy": "reading NPY to columns"}.items():
        times = medians[kind]
        rivals = [name for name in times if "package" not in name and "qls" not in name and name != "numpy.load"]
        for rival in rivals if kind == "full.csv" else [min(rivals, key=times.get)]:
            report.claim(f"{title} against {rival}", times["this package, in blocks"], times[rival], rival, "s", 1)
    rivals = [name for name in medians["full.csv"] if name.startswith(("polars", "pandas", "pyarrow"))]
    best = min(rivals, key=medians["full.csv"].get)
    report.claim("CSV to a store of 4 bits against reading alone", medians["full.csv"]["qls quantize --bits 4 (to a store)"],
                 medians["full.csv"][best], best, "s", 1)
    report.record("reading", medians)


def calibration(report, qls, scale, sets):
    """Coverage of the intervals, and the median of predicted over measured q."""
    files = [f"{path.stem}={path}:{','.join([response, *others])}" for path, response, others in sets]
    text = output(built(report, "Calibration", "Calibrate"), scale.calibration_draws, "--rows", "2048", "--bits",
                  scale.calibration_bits, *files)
    kept = text[text.rindex("groups with coverage"):]
    report.section(
        "Calibration",
        f"Tables drawn from the data sets and four distributions, solved on codes and in full precision: {scale.calibration_draws} "
        f"of each design, at {scale.calibration_bits} bits, three kinds of codes. Columns: responses solved, exact ones, those "
        "without a prediction, share of the 95% intervals that hold the full-precision coefficient, median of predicted over "
        "measured q, share of predictions within a factor of 2, share of the 90% ranges that hold the measured q, worst-case "
        "bounds below the truth, measured q.\n\n"
        + verbatim(kept))
    words = re.search(r"^all  .*$", text, re.MULTILINE)[0].split()
    runs, coverage, median, within, ranges, exceeded = int(words[1]), *map(float, words[4:9])
    stated = readme.figure(r"95% intervals held the full-precision coefficient in ([\d.]+)%")
    report.stated(f"% of 95% intervals that hold the coefficient ({runs:,} runs here)", 100 * coverage, stated, "%")
    report.aim("the same between 93 and 97%", 100 * coverage, "%", "93 … 97 %", 0.93 <= coverage <= 0.97)
    report.aim("median of predicted over measured q", median, "", "0.8 … 1.25", 0.8 <= median <= 1.25)
    report.aim("predictions within a factor of 2", 100 * within, "%", "≥ 90 %", within >= 0.9)
    report.aim("90% ranges that hold the measured q", 100 * ranges, "%", "88 … 96 %", 0.88 <= ranges <= 0.96)
    report.aim("worst-case bounds below the truth", exceeded, "", "0", exceeded == 0)
    report.record("calibration", {"runs": runs, "coverage": coverage, "medianRatio": median, "withinFactorTwo": within,
                                  "rangeCoverage": ranges})


def plans(report, qls, scale, sets):
    """Bit plans: reached targets, and bytes against the cheapest uniform bits that reach them."""
    files = [f"{path.stem}={path}:{','.join([response, *others])}" for path, response, others in sets]
    text = output(sys.executable, ROOT / "Benchmarks/planner.py", *files[-scale.plan_sets:])
    report.section("Bit plans", "Ratio of bytes in the last column: the plan over the cheapest uniform bits that reach the "
                                "target.\n\n" + verbatim(text))
    total, below, within, fewer, more = map(int, re.search(
        r"of (\d+): at most 1.25 times the target (\d+), within 25% of it (\d+), fewer bytes than uniform (\d+), at most "
        r"10% more (\d+)", text).groups())
    stated = readme.figure(r"in (\d+) of \d+ cases the measured error") or 0
    cases = readme.figure(r"in \d+ of (\d+) cases the measured error") or 1
    fewer_stated = readme.figure(r"times the target, in (\d+) with fewer bytes") or 0
    report.stated(f"% of plans within 1.25 times the target ({total} here)", 100 * below / total, 100 * stated / cases, "%")
    report.stated("% of plans with fewer bytes than uniform bits", 100 * fewer / total, 100 * fewer_stated / cases, "%",
                  tolerance=0.05)
    report.record("plans", {"cases": total, "atMost": below, "within": within, "fewer": fewer, "atMostTenPercentMore": more})


def paper(report, qls, scale):
    report.section("Least squares with the paper's densities",
                   output(built(report, "Paper", "PaperExperiments"), "regression", scale.paper_draws))


def digits(report, qls, scale):
    report.section("Digits against bits on NIST's sets",
                   "Correct digits of the worst coefficient against the certified values.\n\n"
                   + output(sys.executable, ROOT / "Benchmarks/digits.py", "--qls", qls))


def kernels(report, qls, scale):
    text = output(built(report, "Kernels", "KernelBenchmarks"), *scale.kernel_parts)
    report.section("Kernels", verbatim(text))
