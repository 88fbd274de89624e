"""Do bit plans reach their targets, and with fewer bytes than the same bits for all columns?

Plans codes for three error ratios per data set, measures the ratio that was reached (numpy, in full precision), and
compares the bytes with those of the cheapest uniform bits that reach the target by measurement.

    swift build -c release
    python3 Benchmarks/planner.py [--qls PROGRAM] [NAME=FILE.csv:RESPONSE …]     (default: the sets of Datasets/regression)
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

import numpy
import pandas

ROOT = pathlib.Path(__file__).resolve().parent.parent
SETS = ["power_plant_ccpp=power_plant_ccpp.csv:PE", "california_housing=california_housing.csv:median_house_value",
        "diabetes=diabetes.csv:target", "tecator_meats=tecator_meats.csv:fat"]


def qls(program, *arguments):
    run = subprocess.run([program, *map(str, arguments), "--format", "json"], capture_output=True, text=True)
    return json.loads(run.stdout) if run.stdout else None


def measured(solution, table, responses):
    """The largest q over the responses, of coefficients against numpy's least squares."""
    predictors = [c for c in table.columns if c not in responses]
    a = numpy.column_stack([numpy.ones(len(table)), table[predictors].astype(float)])
    a[:, 1:] -= a[:, 1:].mean(axis=0)
    largest = 0.0
    for response in solution["responses"]:
        b = table[response["name"]].astype(float).values
        x, _, rank, _ = numpy.linalg.lstsq(a / numpy.maximum(numpy.linalg.norm(a, axis=0), 1e-300), b, rcond=1e-12)
        fit = (a / numpy.maximum(numpy.linalg.norm(a, axis=0), 1e-300)) @ x
        s = numpy.linalg.norm(b - fit) / (len(b) - rank) ** 0.5
        values = {c["name"]: c["estimate"] for c in response["coefficients"]}
        coded = values["(Intercept)"] + table[predictors].astype(float).values @ [values[c] for c in predictors]
        largest = max(largest, numpy.linalg.norm(coded - fit) / (s * rank**0.5))
    return largest


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("sets", nargs="*")
    parser.add_argument("--qls", default=ROOT / ".build/release/qls")
    options = parser.parse_args()
    program = options.qls
    sets = options.sets or [s.replace("=", f"={ROOT}/Datasets/regression/", 1) for s in SETS]
    near = below = fewer = most = total = 0
    print(f"{'set':20} {'target':>6} {'predicted':>9} {'measured':>9} {'bits/row':>8} {'uniform':>8} {'bytes':>6}")
    for entry in sets:
        name, place = entry.split("=", 1)
        file, responses = place.rsplit(":", 1)
        table = pandas.read_csv(file)
        # What uniform bits reach, measured.
        uniform = []
        for bits in range(1, 9):
            solution = qls(program, "solve", file, "--response", responses, "--bits", bits, "--reference")
            q = max(r["reference"]["errorRatio"] for r in solution["responses"])
            with tempfile.NamedTemporaryFile(suffix=".qls") as store:
                subprocess.run([program, "quantize", file, "--response", responses, "--bits", str(bits), "-o", store.name], check=True)
                uniform.append((q, qls(program, "info", store.name)["codeBytes"]))
        for target in [0.5, 0.1, 0.02]:
            with tempfile.TemporaryDirectory() as folder:
                store = pathlib.Path(folder) / "plan.qls"
                plan = qls(program, "plan", file, "--response", responses, "--target-ratio", target, "-o", store)
                q = measured(qls(program, "solve", store), table, responses.split(",")) if plan["isMet"] else float("inf")
            reached = [size for ratio, size in uniform if ratio <= target]
            ratio = plan["bytes"] / min(reached) if reached else 0
            total += 1
            near += 0.75 * target <= q <= 1.25 * target
            below += q <= 1.25 * target
            fewer += ratio < 1
            most += ratio <= 1.1
            print(f"{name:20} {target:6} {plan['predictedErrorRatio']:9.3g} {q:9.3g} {plan['bitsPerRow']:8} "
                  f"{plan.get('uniformBits') or '–':>8} {ratio:6.2f}", flush=True)
    print(f"of {total}: at most 1.25 times the target {below}, within 25% of it {near}, "
          f"fewer bytes than uniform {fewer}, at most 10% more {most}")


main()
