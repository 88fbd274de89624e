"""Figures of README.md, read from its text, so that what is claimed there is what is measured again."""
import re
from pathlib import Path

TEXT = (Path(__file__).resolve().parent.parent.parent / "README.md").read_text()


def figure(pattern, group=1):
    """The number that a regular expression finds, or None."""
    found = re.search(pattern, re.sub(r"\s+", " ", TEXT))
    return float(found[group].replace(",", "")) if found else None


def row(name):
    """The figures of a data set in the table of measured q: uniform, Lloyd–Max, decorrelated, default, predicted."""
    found = re.search(rf"^\| {name} .*$", TEXT, re.MULTILINE)
    return [float(cell) for cell in re.findall(r"[\d.]+", found[0].split("|", 2)[2])] if found else None
