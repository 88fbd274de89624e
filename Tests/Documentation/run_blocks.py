#!/usr/bin/env python3
"""Runs what the documents show: every command of README.md and of the articles, each document in a scratch folder of its own,
and checks that every Swift block is part of a program in Snippets (which `make examples` builds and runs).

Usage: run_blocks.py [--qls .build/debug/qls]

Commands are indented or fenced lines that begin with the name of a program. Files that documents only name (DATA.csv and
the like) are made first.
"""
import argparse
import os
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "Sources/QuantizedLeastSquares").glob("*.docc/*.md"))]
PROGRAMS = ("qls ", "cat ")


def swift_blocks(text):
    return re.findall(r"^```swift\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(text):
    """Lines of indented and fenced blocks that begin with a program's name."""
    inside = False
    for line in text.splitlines():
        if line.startswith("```"):
            inside = not inside and line.strip() in ("```", "```sh", "```console")
            continue
        stripped = line.strip()
        if (inside or line.startswith("    ")) and stripped.startswith(PROGRAMS):
            yield stripped


def make_files(folder):
    """A scratch folder with the data sets and the files that documents name without bringing them."""
    os.symlink(ROOT / "Datasets", folder / "Datasets")
    rows = [(i * 7919 % 101 / 10, i * 104729 % 97 / 7) for i in range(400)]
    lines = [f"{a},{b},{2 + a - 0.5 * b + (i * i * 37 + i * 11) % 53 / 53}" for i, (a, b) in enumerate(rows)]
    for name, part in [("DATA.csv", lines[:300]), ("MORE.csv", lines[300:]), ("A.csv", lines[:200])]:
        (folder / name).write_text("a,b,y\n" + "\n".join(part) + "\n")
    for name, count in [("A.npy", 96), ("B.npy", 48)]:
        shape = (12, 8) if count == 96 else (8, 6)
        header = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
        header += " " * (-(11 + len(header)) % 64) + "\n"
        data = struct.pack(f"<{count}d", *[(i * 7919 % 101) / 50 - 1 for i in range(count)])
        (folder / name).write_bytes(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def prepare_stores(qls, folder):
    """Two stores under the same codebooks, for what merges them."""
    subprocess.run([qls, "quantize", "A.csv", "--response", "y", "-o", "A.qls"], cwd=folder, check=True)
    subprocess.run([qls, "quantize", "MORE.csv", "--like", "A.qls", "-o", "B.qls"], cwd=folder, check=True,
                   stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--qls", type=Path, default=ROOT / ".build/debug/qls")
    qls = parser.parse_args().qls.resolve()
    snippets = {path.name: path.read_text() for path in sorted((ROOT / "Snippets").glob("*.swift"))}
    failures, ran, matched = [], 0, 0
    for document in DOCUMENTS:
        text = document.read_text()
        for block in swift_blocks(text):
            matched += 1
            if not any(block.strip() in program for program in snippets.values()):
                failures.append(f"{document.name}: no program in Snippets has the block\n{block}")
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_files(folder)
            prepare_stores(qls, folder)
            path = f"{qls.parent}:{os.environ['PATH']}"
            for command in commands(text):
                if "…" in command:
                    print(f"not run, shortened: {command}")
                    continue
                run = subprocess.run(["bash", "-o", "pipefail", "-c", command], cwd=folder, capture_output=True, text=True,
                                     env=os.environ | {"PATH": path})
                ran += 1
                if run.returncode:
                    failures.append(f"{document.name}: exit {run.returncode}: {command}\n{run.stderr}")
    print(f"{ran} commands run, {matched} blocks of Swift found in Snippets")
    for failure in failures:
        print(failure, file=sys.stderr)
    sys.exit(1 if failures else 0)


main()
