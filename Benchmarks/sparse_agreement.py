"""Agreement of the sparse methods with numpy's dense SVD, through `qls solve A.mtx --rhs b.mtx`.

Run: python3 Benchmarks/sparse_agreement.py .build/release/qls FOLDER
FOLDER holds .mtx matrices and their right-hand sides NAME_rhs1.mtx; where there is none, one of fixed numbers is used.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import scipy.io
import scipy.sparse.linalg

program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
for path in sorted(folder.glob("*.mtx")):
    if path.stem.endswith("_rhs1"):
        continue
    a = scipy.io.mmread(path).tocsc().astype(float)
    m, n = a.shape
    given = folder / f"{path.stem}_rhs1.mtx"
    with tempfile.TemporaryDirectory() as scratch:
        if not given.exists():
            given = pathlib.Path(scratch) / "b.mtx"
            b = numpy.array([((i * 7919) % 101 - 50) / 10 for i in range(m)])
            scipy.io.mmwrite(given, b[:, None], precision=17)
        b = numpy.asarray(scipy.io.mmread(given)).ravel()
        expected = numpy.linalg.lstsq(a.toarray(), b, rcond=1e-10)[0] if n <= 1000 else None
        for bits in ["full", "8", "4"]:
            for method in ["auto", "qr", "normal", "lsqr", "lsmr"]:
                command = [program, "solve", str(path), "--rhs", str(given), "--bits", bits, "--method", method]
                run = subprocess.run(
                    command + ["--reference", "--format", "json"], capture_output=True, text=True)
                if run.returncode:
                    print(f"{path.stem:20} {bits:5} {method:7} exit {run.returncode}: {run.stderr.strip()[:90]}")
                    continue
                r = json.loads(run.stdout)
                x = numpy.array([c["estimate"] for c in r["responses"][0]["coefficients"]])
                far = None if expected is None else numpy.linalg.norm(x - expected) / numpy.linalg.norm(expected)
                q = r["responses"][0]["reference"]["errorRatio"]
                print(
                    f"{path.stem:20} {bits:5} {method:7} rank {r['rank']:5} distance {far} "
                    f"q {q} predicted {r['responses'][0]['predictedErrorRatio']} {r['seconds']['total']:.3f} s")
