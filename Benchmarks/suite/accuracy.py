"""Error ratio q on real data sets: `qls` against uniform min–max codes with numpy, and double-sampling SGD, at equal
bytes."""
import csv
import json
import math
import subprocess

import numpy as np

from . import double_sampling

BITS = [2, 3, 4, 6, 8]


class Problem:
    """A table with its full-precision solution; measures q = ‖A(x̂ − x)‖/(s√p) of others."""

    def __init__(self, path, response, excluded):
        with open(path, newline="") as file:
            names = next(csv.reader(file))
            table = np.loadtxt(file, delimiter=",", ndmin=2)
        left = [names.index(name) for name in [response, *excluded]]
        self.name, self.response = path.stem, response
        self.arguments = [path, "--response", response] + (["--exclude", ",".join(excluded)] if excluded else [])
        self.x, self.y = np.delete(table, left, axis=1), table[:, left[0]]
        self.means, self.mean = self.x.mean(axis=0), self.y.mean()
        centred = self.x - self.means
        scale = np.linalg.norm(centred, axis=0)
        scale[scale == 0] = 1
        self.slopes, _, rank, _ = np.linalg.lstsq(centred / scale, self.y - self.mean, rcond=1e-10)
        self.slopes = self.slopes / scale
        residual = self.y - self.mean - centred @ self.slopes
        self.rank = rank + 1
        self.unit = math.sqrt(residual @ residual / (len(table) - self.rank) * self.rank)
        self.centred = centred

    def ratio(self, intercept, slopes):
        """q of y ≈ intercept + x·slopes."""
        shift = intercept + self.means @ slopes - self.mean
        moved = self.centred @ (slopes - self.slopes)
        return math.sqrt(moved @ moved + len(self.y) * shift * shift) / self.unit


def ours(qls, problem, bits):
    """Measured q and bytes. The ratio is the program's own, checked against the one computed here."""
    run = subprocess.run([qls, "solve", *problem.arguments, "--bits", str(bits), "--reference", "--format", "json"],
                         capture_output=True, text=True, check=True)
    solution = json.loads(run.stdout)
    fit = solution["responses"][0]
    x = [c["estimate"] for c in fit["coefficients"]]
    q, theirs = problem.ratio(x[0], np.array(x[1:])), fit["reference"]["errorRatio"]
    if abs(q - theirs) > 1e-3 * q + 1e-6:
        print(f"note: {problem.name} at {bits} bits: q {theirs} by the program, {q} by numpy")
    return q, solution["bytes"]


def uniform(x, bits, ends):
    """Equally spaced levels from minimum to maximum, nearest. `ends`: the first and last level are the minimum and the
    maximum, so that columns of two values are exact; otherwise levels are the centres of equal cells, about as in FAISS."""
    low, high = x.min(axis=0), x.max(axis=0)
    cells = 2 ** bits - 1 if ends else 2 ** bits
    step = np.where(high > low, (high - low) / cells, 1)
    if ends:
        return low + step * np.rint((x - low) / step)
    return low + step * (np.clip(np.floor((x - low) / step), 0, cells - 1) + 0.5)


def check_against_faiss(x):
    """The codes above lose no more than those of FAISS."""
    import faiss
    data = np.ascontiguousarray(x, dtype=np.float32)
    quantizer = faiss.ScalarQuantizer(data.shape[1], faiss.ScalarQuantizer.QT_4bit)
    quantizer.train(data)
    theirs = np.mean((quantizer.decode(quantizer.compute_codes(data)) - data) ** 2, axis=0)
    mine = np.mean((uniform(x, 4, ends=False) - x) ** 2, axis=0)
    return float(np.exp(np.mean(np.log((mine + 1e-30) / (theirs + 1e-30)))))


def affordable(problem, total, spare=0):
    """The most bits, up to 16, of uniform codes of all columns that fit into `total` bytes; two numbers of single
    precision a column beside them. At least one bit."""
    columns = problem.x.shape[1] + 1
    return max(1, min(16, int((total - 8 * columns) * 8 / (len(problem.y) * columns) - spare)))


def solve_uniform(problem, bits, response_bits):
    """The better of both kinds of levels."""
    found = []
    for ends in [False, True]:
        a = uniform(problem.x, bits, ends)
        b = uniform(problem.y[:, None], response_bits, ends)[:, 0]
        centred = a - a.mean(axis=0)
        scale = np.linalg.norm(centred, axis=0)
        scale[scale == 0] = 1
        slopes = np.linalg.lstsq(centred / scale, b - b.mean(), rcond=1e-10)[0] / scale
        found.append(problem.ratio(b.mean() - a.mean(axis=0) @ slopes, slopes))
    return min(found)


def solve_sgd(problem, bits):
    with np.errstate(over="ignore"):
        return min(problem.ratio(problem.mean - problem.means @ slopes, slopes)
                   for slopes in double_sampling.solve(problem.x, problem.y, bits))


def mean(values):
    return math.exp(sum(math.log(max(v, 1e-15)) for v in values) / len(values))


def accuracy(report, qls, sets, sgd_bits):
    problems = [Problem(*entry) for entry in sets]
    rows, table = [], {b: {"ours": [], "same bits": [], "same bytes": []} for b in BITS}
    sgd = {"ours": [], "sgd": [], "full": []}
    for problem in problems:
        for bits in BITS:
            q, size = ours(qls, problem, bits)
            same_bits = solve_uniform(problem, bits, 8)
            afforded = affordable(problem, size)
            same_bytes = solve_uniform(problem, afforded, afforded)
            for key, value in zip(table[bits], [q, same_bits, same_bytes]):
                table[bits][key].append(value)
            descent = ""
            if bits == sgd_bits:
                reached = solve_sgd(problem, max(1, affordable(problem, size, spare=1)))
                full = solve_sgd(problem, None)
                for key, value in zip(sgd, [q, reached, full]):
                    sgd[key].append(value)
                descent = f"{reached:.2g} ({full:.2g})"
            rows.append([f"{problem.name}, {problem.response} ({len(problem.y):,} × {problem.x.shape[1]})", bits,
                         f"{size:,}", f"{q:.2g}", f"{same_bits:.2g}", f"{same_bytes:.2g} ({afforded})", descent])
    for bits in BITS:
        means = [mean(values) for values in table[bits].values()]
        rows.append([f"geometric mean of {len(problems)}", bits, ""] + [f"{value:.2g}" for value in means] + [
            f"{mean(sgd['sgd']):.2g} ({mean(sgd['full']):.2g})" if bits == sgd_bits else ""])
        report.claim(f"q at {bits} bits, uniform codes of equal bytes", means[0], means[2], "uniform + numpy", "", 3)
    report.claim(f"q at {sgd_bits} bits, double-sampling SGD of equal bytes", mean(sgd["ours"]), mean(sgd["sgd"]),
                 "double sampling", "", 10)
    distortion = np.mean([check_against_faiss(problem.x) for problem in problems if len(problem.y) > 1000])
    report.section(
        "Accuracy at equal bytes",
        "Measured error ratio q = ‖A(x̂ − x)‖/(s√p) (1: quantization moves the fit as far as noise does) on the sets of "
        "`Datasets/regression`, or of the folder that `--datasets` names. Uniform codes "
        "are equally spaced from minimum to maximum, the levels at the ends or at the centres of cells as in FAISS (mean "
        f"squared error at 4 bits {distortion:.2f} of FAISS's QT_4bit), whichever is better, solved by numpy lstsq: at the "
        "same bits (response 8), and with as many "
        "bits (in parentheses) for all columns, up to 16, as fit into the bytes that `qls` stores. Double-sampling SGD: "
        "20 epochs, minibatches of 32, the response in double precision, the best of eight rates by the error itself; in parentheses the same descent on "
        "numbers in double precision, that is, how much of it is the optimizer's.",
        ["data", "bits", "bytes", "`qls`", "uniform, same bits", "uniform, same bytes", "double-sampling SGD"], rows)
    report.record("accuracy", {str(b): table[b] for b in BITS} | {"sgd": sgd})
