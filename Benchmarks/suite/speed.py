"""End to end from a NumPy file of 1 GB, and solving again from the store, against numpy and scikit-learn."""
import json
import sys
from pathlib import Path

import numpy as np

from .processes import Contest, run

RIVALS = Path(__file__).parent / "rivals.py"


def make(path, rows, columns):
    """Correlated Gaussian predictors (0.5 between neighbours), response in the last column."""
    table = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=(rows, columns + 1))
    generator = np.random.default_rng(1)
    slopes = (-1.0) ** np.arange(columns) / np.arange(1, columns + 1)
    for start in range(0, rows, 20_000):
        count = min(20_000, rows - start)
        x = generator.standard_normal((count, columns))
        for j in range(1, columns):
            x[:, j] = 0.5 * x[:, j - 1] + 0.75 ** 0.5 * x[:, j]
        table[start:start + count, :-1] = x
        table[start:start + count, -1] = 1 + x @ slopes + generator.standard_normal(count)
    table.flush()


def rival(*words):
    return [sys.executable, RIVALS, *words]


def agree(name, ours, theirs):
    """Both answers differ by less than half a standard error, in every coefficient."""
    fit = json.loads(ours)["responses"][0]["coefficients"]
    for coefficient, value in zip(fit, json.loads(theirs)):
        if abs(coefficient["estimate"] - value) > 0.5 * coefficient["standardError"]:
            sys.exit(f"{name} disagrees on {coefficient['name']}: {coefficient['estimate']} and {value}")


def end_to_end(report, qls, path, rounds, shape):
    names = ["numpy lstsq", "scikit-learn LinearRegression", "numpy normal equations"]
    contest = Contest({
        "qls, 4 bits": [qls, "solve", path, "--response", shape[1] + 1, "--bits", "4", "--format", "json"],
        names[0]: rival("lstsq", path), names[1]: rival("linear", path), names[2]: rival("normal", path)}, rounds)
    for name in names:
        agree(name, contest.outputs["qls, 4 bits"], contest.outputs[name])
    fit = json.loads(contest.outputs["qls, 4 bits"])
    report.section(
        "Speed, end to end",
        f"A NumPy file of {shape[0]:,} × {shape[1] + 1} float64 ({path.stat().st_size / 1e6:,.0f} MB) is read, quantized "
        f"to 4 bits, solved and reported; rivals read the same file and solve in double precision. {rounds} rounds in "
        "turn, all threads, whole programs with their start. Coefficients agree within half a standard error; "
        f"predicted error ratio {fit['responses'][0]['predictedErrorRatio']:.2g}.",
        Contest.HEADER, contest.table("qls, 4 bits"))
    ours, memory = contest.seconds["qls, 4 bits"], contest.bytes["qls, 4 bits"]
    for name, floor in zip(names, [5, 5, 1]):
        report.claim(f"end to end against {name}", ours, contest.seconds[name], name, "s", floor,
                     contest.ratio(name, "qls, 4 bits"))
    least = min(names, key=lambda name: contest.bytes[name])
    report.claim("peak memory end to end", memory / 1e6, contest.bytes[least] / 1e6, least, "MB", 4)
    report.data["endToEnd"] = contest.record() | {"qlsStages": fit["seconds"]}


def solving_again(report, qls, path, folder, rounds, shape):
    store, columns = folder / "table.qls", shape[1]
    seconds, *_ = run([qls, "quantize", path, "--response", columns + 1, "--bits", "4", "-o", store])
    subset = [j for j in range(columns) if j % 2 == 0]
    penalties = ",".join(f"{10.0 ** (-2 + 8 * i / 19):.6g}" for i in range(20))
    names = ",".join(f"x{j + 1}" for j in subset)
    others = ",".join(f"x{j + 1}" for j in range(1, columns))
    tasks = {
        "another response": (["--response", "x1", "--predictors", others],
                             [("linear", "0", ",".join(map(str, range(1, columns))))]),
        "a subset of the predictors": (["--predictors", names], [("linear", "-1", ",".join(map(str, subset)))]),
        "a ridge path of 20": (["--ridge", penalties], [("ridge_cv", penalties)])}
    rows, kept = [], {}
    for task, (options, rivals) in tasks.items():
        contest = Contest(
            {"qls": [qls, "solve", store, *options, "--format", "json"]}
            | {f"scikit-learn {words[0]}": rival(words[0], path, *words[1:]) for words in rivals},
            1 if "ridge" in task else rounds)
        best = min((name for name in contest.seconds if name != "qls"), key=lambda name: contest.seconds[name])
        if "ridge" not in task:
            agree(task, contest.outputs["qls"], contest.outputs[best])
        rows += [[f"{task}: {row[0]}"] + row[1:] for row in contest.table("qls")]
        report.claim(f"{task}, from the store", contest.seconds["qls"], contest.seconds[best], best, "s", 10,
                     contest.ratio(best, "qls"))
        kept[task] = contest.record()
    report.section(
        "Solving again from the store",
        f"The store of the table above ({store.stat().st_size / 1e6:.1f} MB, made once in {seconds:.1f} s) against "
        f"scikit-learn on the NumPy file, whole programs, {rounds} rounds in turn, one of the ridge path. scikit-learn has to read the numbers "
        "again, which a warm file cache makes cheap.",
        Contest.HEADER, rows)
    report.data["solvingAgain"] = kept
