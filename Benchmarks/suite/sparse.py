"""Sparse least squares against scipy and SPQR: values at scattered points, interpolated bilinearly on a grid."""
import json
import os
import sys

import numpy as np
import scipy.io
import scipy.sparse

from .processes import Contest, Failure
from .speed import rival

OURS = "qls, full precision, SPQR"


def make(folder, rows, side):
    """A is rows × side², four entries a row; b noisy values of a smooth function."""
    generator = np.random.default_rng(1)
    place = generator.random((rows, 2)) * (side - 1)
    corner, share = np.floor(place).astype(int), place % 1
    entries = []
    for a, b in [(0, 0), (0, 1), (1, 0), (1, 1)]:
        weight = np.abs(1 - a - share[:, 0]) * np.abs(1 - b - share[:, 1])
        entries.append((weight, (corner[:, 0] + a) * side + corner[:, 1] + b))
    data, columns = (np.concatenate([e[k] for e in entries]) for k in (0, 1))
    matrix = scipy.sparse.coo_array((data, (np.tile(np.arange(rows), 4), columns)), shape=(rows, side * side))
    right = np.sin(place[:, 0] / side * 6) * np.cos(place[:, 1] / side * 6) + 0.1 * generator.standard_normal(rows)
    scipy.io.mmwrite(folder / "a.mtx", matrix, precision=17)
    scipy.io.mmwrite(folder / "b.mtx", right[:, None], precision=17)
    return [folder / "a.mtx", folder / "b.mtx"]


def check(name, found, exact, limit):
    distance = np.linalg.norm(np.asarray(found) - exact) / np.linalg.norm(exact)
    if not distance <= limit:
        raise Failure(f"{name}: relative distance {distance:.2g} from SPQR")
    return distance


def sparse(report, qls, folder, rounds, rows, side, has_spqr):
    def commands(files):
        def ours(*words):
            return [qls, "solve", files[0], "--rhs", files[1], "--format", "json", *words]
        found = {OURS: ours("--bits", "full", "--method", "qr"),
                 "qls, full precision, LSMR": ours("--bits", "full", "--method", "lsmr"),
                 "qls, 4 bits": ours("--bits", "4"), "scipy lsmr": rival("sparse_lsmr", *files),
                 "scipy spsolve, normal equations": rival("sparse_normal", *files)}
        return found | ({"SPQR through sparseqr": rival("sparse_qr", *files)} if has_spqr else {})

    def coefficients(contest, name):
        found = json.loads(contest.outputs[name])
        return found if isinstance(found, list) else [c["estimate"] for c in found["responses"][0]["coefficients"]]

    little = folder / "little"
    os.makedirs(little, exist_ok=True)
    for contest in [Contest(commands(make(little, 2_000, 8)), 1),
                    timed := Contest(commands(make(folder, rows, side)), rounds)]:
        exact = np.asarray(coefficients(contest, OURS))
        far = {name: check(name, coefficients(contest, name), exact, 1 if name == "qls, 4 bits" else 1e-6)
               for name in contest.outputs}
    table = [row + [f"{far[row[0]]:.1e}"] for row in timed.table(OURS)]
    reason = "" if has_spqr else f" SPQR for Python did not install: {spqr_reason()}"
    report.section(
        "Sparse systems",
        f"{rows:,} × {side * side:,}, four entries a row (bilinear interpolation at scattered points), read from Matrix "
        f"Market files; whole programs, up to {rounds} rounds in turn. The last column is the relative distance of the "
        "solution from that of `qls` by SPQR; codes are of 4 bits. scikit-sparse has no SPQR that builds against Debian "
        "12's SuiteSparse 5.12, so sparseqr stands for it." + reason,
        [*Contest.HEADER[:4], "times `qls` by SPQR", *Contest.HEADER[5:], "distance"], table)
    rivals = [name for name in timed.seconds if not name.startswith("qls")]
    best = min(rivals, key=lambda name: timed.seconds[name])
    report.claim("a sparse system in full precision", timed.seconds[OURS], timed.seconds[best], best, "s", 1,
                 timed.ratio(best, OURS))
    report.record("sparse", timed.record() | {"distances": far})


def spqr_reason():
    from pathlib import Path
    return (Path(sys.prefix) / "without-spqr").read_text().strip()
