"""End to end from a NumPy file of 1 GB, and solving again from the store, against numpy, scipy, statsmodels and
scikit-learn."""
import json
import sys
from pathlib import Path

import numpy as np

from .processes import Contest, Failure, run

RIVALS = Path(__file__).parent / "rivals.py"
OURS = "qls, 4 bits"
QUICK = "qls, 4 bits, stochastic codes of the columns as they are"
FULL = {"numpy lstsq": "lstsq", "scikit-learn LinearRegression": "linear", "statsmodels OLS, QR": "ols",
        "scipy lsmr": "lsmr", "numpy normal equations": "normal"}
PENALTIES = ",".join(f"{10.0 ** (-2 + 8 * i / 19):.6g}" for i in range(20))


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


def agree(name, ours, theirs, within=0.5):
    """Both answers differ by less than so many standard errors, in every coefficient."""
    fit = json.loads(ours)["responses"][0]["coefficients"]
    values = json.loads(theirs)
    if len(fit) != len(values):
        raise Failure(f"{name} has {len(values)} coefficients instead of {len(fit)}")
    for coefficient, value in zip(fit, values):
        if not abs(coefficient["estimate"] - value) <= within * coefficient["standardError"]:
            raise Failure(f"{name} disagrees on {coefficient['name']}: {coefficient['estimate']} and {value}")


def end_to_end(report, qls, path, small, rounds, shape):
    """`small` has the same columns and few rows: every rival's answer is checked there before anything is timed."""
    def commands(table):
        ours = [qls, "solve", table, "--response", shape[1] + 1, "--bits", "4", "--format", "json"]
        return {OURS: ours, QUICK: [*ours, "--quantizer", "stochastic", "--transform", "none"]} | {
            name: rival(word, table) for name, word in FULL.items()}

    for contest in [Contest(commands(small), 1), timed := Contest(commands(path), rounds)]:
        for name in FULL:
            agree(name, contest.outputs[OURS], contest.outputs[name])
            agree(name, contest.outputs[QUICK], contest.outputs[name], within=3)
    fit, quick = (json.loads(timed.outputs[name]) for name in [OURS, QUICK])
    report.section(
        "Speed, end to end",
        f"A NumPy file of {shape[0]:,} × {shape[1] + 1} float64 ({path.stat().st_size / 1e6:,.0f} MB) is read, quantized "
        f"to 4 bits, solved and reported; rivals read the same file and solve in double precision. Up to {rounds} rounds "
        "in turn (none after a minute), all threads, whole programs with their start. Coefficients agree within half a "
        f"standard error; predicted error ratio {fit['responses'][0]['predictedErrorRatio']:.2g}. With `--quantizer "
        "stochastic --transform none` they agree within three, and the predicted error ratio is "
        f"{quick['responses'][0]['predictedErrorRatio']:.2g}.",
        Contest.HEADER, timed.table(OURS))
    floors = {"numpy lstsq": 5, "scikit-learn LinearRegression": 5}
    for name in FULL:
        report.claim(f"end to end against {name}", timed.seconds[OURS], timed.seconds[name], name, "s",
                     floors.get(name, 1), timed.ratio(name, OURS))
    report.claim("the same by stochastic codes without a transform", timed.seconds[QUICK],
                 timed.seconds["numpy normal equations"], "numpy normal equations", "s", 1,
                 timed.ratio("numpy normal equations", QUICK))
    least = min(FULL, key=lambda name: timed.bytes[name])
    report.claim("peak memory end to end", timed.bytes[OURS] / 1e6, timed.bytes[least] / 1e6, least, "MB", 4)
    report.record("endToEnd", timed.record() | {"qlsStages": fit["seconds"]})


def tasks(columns):
    """What is solved again: options of `qls solve` on the store, and the rival's words."""
    subset = range(0, columns, 2)
    others = range(1, columns)

    def names(places):
        return ",".join(f"x{j + 1}" for j in places)

    def numbers(places):
        return ",".join(map(str, places))
    last = PENALTIES.split(",")[-1]
    return {
        "another response": (["--response", "x1", "--predictors", names(others)],
                             "LinearRegression", ["linear", "0", numbers(others)]),
        "a subset of the predictors": (["--predictors", names(subset)],
                                       "LinearRegression", ["linear", "-1", numbers(subset)]),
        "20 ridge penalties, one after the other": (["--ridge", last], "Ridge", ["ridge", PENALTIES]),
        "a ridge path of 20, leave-one-out": (["--ridge", PENALTIES], "RidgeCV", ["ridge_cv", PENALTIES])}


def solving_again(report, qls, path, small, folder, rounds, shape):
    store, little, columns = folder / "table.qls", folder / "little.qls", shape[1]
    options = ["--response", columns + 1, "--bits", "4", "-o"]
    run([qls, "quantize", small, *options, little])
    seconds, *_ = run([qls, "quantize", path, *options, store])
    rows, kept = [], {}
    for task, (words, name, theirs) in tasks(columns).items():
        name = f"scikit-learn {name}"

        def commands(codes, table):
            return {"qls": [qls, "solve", codes, *words, "--format", "json"], name: rival(theirs[0], table, *theirs[1:])}
        checked, counted = Contest(commands(little, small), 1), commands(store, path)
        agree(f"{name}, {task}", checked.outputs["qls"], checked.outputs[name])
        if theirs[0] == "ridge":  # Checked at the last penalty, timed with all of them.
            counted["qls"][3:5] = ["--ridge", PENALTIES, "--ridge-criterion", "generalized-cross-validation"]
        timed = Contest(counted, rounds)
        if theirs[0] != "ridge":
            agree(f"{name}, {task}", timed.outputs["qls"], timed.outputs[name])
        rows += [[f"{task}: {row[0]}"] + row[1:] for row in timed.table("qls")]
        report.claim(f"{task}, from the store", timed.seconds["qls"], timed.seconds[name], name, "s", 10,
                     timed.ratio(name, "qls"))
        kept[task] = timed.record()
    report.section(
        "Solving again from the store",
        f"The store of the table above ({store.stat().st_size / 1e6:.1f} MB, made once in {seconds:.1f} s) against "
        f"scikit-learn on the NumPy file, whole programs, up to {rounds} rounds in turn (none after a minute). "
        "scikit-learn has to read the numbers again, which a warm file cache makes cheap. `Ridge` fits each penalty anew; "
        "`qls` takes the path with generalized cross-validation there, which it reports besides.",
        Contest.HEADER, rows)
    report.record("solvingAgain", kept)
