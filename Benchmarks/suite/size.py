"""Bytes of the data sets as they are kept elsewhere."""
import gzip
import subprocess

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet


def size(report, qls, sets, folder):
    rows = []
    for path, response, _ in sets:
        table = np.loadtxt(path, delimiter=",", skiprows=1, ndmin=2)
        columns = {f"c{j}": table[:, j] for j in range(table.shape[1])}
        parquet.write_table(pa.table(columns), folder / "table.parquet", compression="zstd")
        for name, extra in [("plain", []), ("packed", ["--compress"])]:
            subprocess.run([qls, "quantize", path, "--response", response, "--bits", "4", "-o", folder / f"{name}.qls",
                            *extra], check=True)
        text, packed = path.stat().st_size, len(gzip.compress(path.read_bytes(), 6))
        found = [text, packed, table.size * 8, (folder / "table.parquet").stat().st_size,
                 (folder / "plain.qls").stat().st_size, (folder / "packed.qls").stat().st_size]
        rows.append([path.stem] + [f"{value:,}" for value in found])
    report.section("Size", "Bytes of files. Stores are of 4 bits with an 8-bit response, all side data included.",
                   ["data", "CSV", "CSV, gzip", "float64", "Parquet, zstd", "`.qls`", "`.qls` compressed"], rows)
    report.record("size", {path.stem: row[1:] for (path, _, _), row in zip(sets, rows)})
