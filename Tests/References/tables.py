"""Writes tables.json: compressed files by Python's gzip and by zstandard, and Matrix Market files by scipy with the
matrices that scipy reads from them. Needs numpy, scipy, zstandard."""

import base64
import gzip
import io
import json
import pathlib
import random

import numpy
import scipy.io
import scipy.sparse
import zstandard


def encoded(data):
    return base64.b64encode(data).decode("ascii")


def compressed():
    generator = random.Random(4)
    rows = 3000
    values = [(i, i % 7, generator.randrange(3)) for i in range(rows)]
    text = ("a,b,c\n" + "".join(f"{x},{y},{z}\n" for x, y, z in values)).encode()
    third = len(text) // 3
    parts = [text[:third], text[third : 2 * third], text[2 * third :]]
    zstd = zstandard.ZstdCompressor(level=19, write_checksum=True)
    streaming = zstandard.ZstdCompressor(level=1).compressobj()
    array = io.BytesIO()
    numpy.save(array, numpy.array(values, dtype=numpy.int16))
    fortran = io.BytesIO()
    numpy.save(fortran, numpy.asfortranarray(numpy.array(values, dtype=numpy.float32)))
    return {
        "rows": rows,
        "sums": [sum(v[k] for v in values) for k in range(3)],
        "last": list(values[-1]),
        "files": {
            "table.csv.gz": encoded(gzip.compress(text, mtime=0)),
            "members.csv.gz": encoded(b"".join(gzip.compress(p, mtime=0) for p in parts)),
            "padded.csv.gz": encoded(gzip.compress(text, mtime=0) + bytes(1000)),
            "table.csv.zst": encoded(zstd.compress(text)),
            "frames.csv.zst": encoded(b"".join(zstd.compress(p) for p in parts)),
            "skippable.csv.zst": encoded(b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc" + zstd.compress(text)),
            "streamed.csv.zst": encoded(streaming.compress(text) + streaming.flush()),
            "array.npy.gz": encoded(gzip.compress(array.getvalue(), mtime=0)),
            "array.npy.zst": encoded(zstd.compress(fortran.getvalue())),
        },
    }


def market():
    generator = numpy.random.default_rng(9)
    dense = generator.standard_normal((5, 3))
    sparse = scipy.sparse.random(9, 6, density=0.3, random_state=3, format="coo")
    whole = scipy.sparse.coo_matrix((generator.integers(-9, 9, 8), (generator.integers(0, 7, 8), range(8))), (7, 9))
    square = scipy.sparse.random(6, 6, density=0.4, random_state=5).toarray()
    symmetric = scipy.sparse.coo_matrix(square + square.T)
    skew = scipy.sparse.coo_matrix(square - square.T)
    cases = [
        ("array real general", dense, {}),
        ("array integer general", numpy.arange(12).reshape(4, 3), {}),
        ("array real symmetric", symmetric.toarray(), {"symmetry": "symmetric"}),
        ("array real skew-symmetric", skew.toarray(), {"symmetry": "skew-symmetric"}),
        ("coordinate real general", sparse, {}),
        ("coordinate real general", sparse, {"comment": "two lines\nof comment"}),
        ("coordinate integer general", whole, {}),
        ("coordinate pattern general", sparse, {"field": "pattern"}),
        ("coordinate pattern symmetric", symmetric, {"field": "pattern", "symmetry": "symmetric"}),
        ("coordinate real symmetric", symmetric, {"symmetry": "symmetric"}),
        ("coordinate real skew-symmetric", skew, {"symmetry": "skew-symmetric"}),
    ]
    result = []
    for kind, matrix, options in cases:
        target = io.BytesIO()
        scipy.io.mmwrite(target, matrix, precision=17, **options)
        text = target.getvalue().decode()
        assert kind in text, text
        read = scipy.io.mmread(io.BytesIO(target.getvalue()))
        read = numpy.asarray(read.todense() if scipy.sparse.issparse(read) else read, dtype=float)
        result.append({"kind": kind, "text": text, "rows": read.shape[0], "columns": read.shape[1],
                       "elements": read.ravel(order="F").tolist()})
    return result


if __name__ == "__main__":
    path = pathlib.Path(__file__).with_name("tables.json")
    path.write_text(json.dumps({"compressed": compressed(), "market": market()}, indent=1) + "\n")
