"""The demo of the README and its table: q of simpler codes beside the default, by the program's own reference."""
import json
import subprocess

from . import readme

WAYS = {"uniform": ["--quantizer", "uniform", "--transform", "none"],
        "Lloyd–Max": ["--quantizer", "lloyd-max", "--transform", "none"],
        "Lloyd–Max, decorrelated": ["--quantizer", "lloyd-max", "--transform", "decorrelate"], "`qls` default": []}


def solve(qls, path, response, words):
    run = subprocess.run([qls, "solve", path, "--response", response, "--bits", "4", "--reference", "--format", "json",
                          *words], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def quantizers(report, qls, sets):
    rows = []
    for path, response, excluded in sets:
        left = ["--exclude", ",".join(excluded)] if excluded else []
        found = {name: solve(qls, path, response, words + left) for name, words in WAYS.items()}
        q = {name: solution["responses"][0]["reference"]["errorRatio"] for name, solution in found.items()}
        default = found["`qls` default"]
        predicted = default["responses"][0]["predictedErrorRatio"]
        rows.append([f"{path.stem} ({default['observations']:,} × {default['predictors']}, {response})"]
                    + [f"{value:.2g}" for value in q.values()] + [f"{predicted:.2g}"])
        stated = readme.row(path.stem)
        if stated:
            rivals = [name for name in WAYS if name != "`qls` default"]
            best = min(rivals, key=q.get)
            for place, name in enumerate(WAYS):
                if name != "`qls` default":
                    report.stated(f"q at 4 bits, {path.stem}, {name} codes", q[name], stated[place], tolerance=0.05)
            report.stated(f"q at 4 bits, {path.stem}", q["`qls` default"], stated[3], "", q[best], best, tolerance=0.05)
            report.stated(f"q at 4 bits, {path.stem}, predicted", predicted, stated[4], tolerance=0.05)
        if path.stem == "california_housing":
            demo(report, default)
    report.section(
        "Error ratio of simpler codes",
        "q at 4 bits with an 8-bit response, measured against full precision by `qls solve --reference`, and what the default "
        "predicts.", ["data", *WAYS, "predicted"], rows)
    report.record("quantizers", rows)


def demo(report, solution):
    """What `make demo` prints."""
    full, fit = solution["fullPrecisionBytes"], solution["responses"][0]
    report.stated("demo: bytes", solution["bytes"], readme.figure(r"([\d,]+) bytes with all side data"), "bytes", full,
                  "double precision")
    report.stated("demo: times as many bytes in double precision", full / solution["bytes"],
                  readme.figure(r"in double precision [\d,]+, ([\d.]+) times"))
    report.stated("demo: predicted error ratio", fit["predictedErrorRatio"],
                  readme.figure(r"moved the fit by ([\d.]+) of the sampling error \(predicted"))
    report.stated("demo: measured error ratio", fit["reference"]["errorRatio"],
                  readme.figure(r"measured against full precision: ([\d.]+) of"))
