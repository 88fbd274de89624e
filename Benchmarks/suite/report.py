"""Tables for the terminal and the documentation, and the claims that they come to.

What each part found is kept in a JSON file; a part that runs again replaces what it found before. The page is made from
that file.
"""
import json
import os
import platform
import subprocess
import time
from pathlib import Path

INTRODUCTION = (
    "`make bench` makes this page; `make bench BENCH=speed` runs one part anew and leaves the others as they were. Rivals run "
    "on the same machine, in turn with `qls`, from a virtual environment, and their answers are checked before they are "
    "timed. Ratios of times are medians over rounds in which the programs take turns. Where the load is above the number "
    "of processors wall times swing; processor seconds tell more then, although the waiting threads of BLAS count in "
    "them. Further pages: [reading](reading-benchmarks.md), [kernels](kernel-benchmarks.md), "
    "[quantizers](quantizer-benchmarks.md), [the paper's experiments](paper-experiments.md).")
CLAIMS = (
    "Times, memory and errors: the ratio is how many times less `qls` takes, the aim is what the project set itself. "
    "Where the aim is a figure of the README, it is met if the figure measured here is the same to within what is said "
    "behind it.")


class Report:
    """The parts: sections of Markdown, and claims: what we have, what the best rival has, and by how much."""

    def __init__(self, kept=None):
        self.parts = json.loads(kept.read_text())["parts"] if kept and kept.exists() else {}
        self.part = None

    def begin(self, part):
        self.part = {"began": time.strftime("%Y-%m-%d %H:%M"), "sections": [], "claims": [], "results": {}}
        self.started, self.building = time.monotonic(), 0.0
        print(f"== {part}", flush=True)

    def end(self, part):
        """Keeps what the part found. A part that failed is not ended: what it found before stays."""
        self.part["seconds"] = round(time.monotonic() - self.started, 1)
        self.part["building"] = round(self.building, 1)
        self.part["load"] = os.getloadavg()[0]
        self.parts[part] = self.part
        print(f"== {part}: {self.part['seconds']:.0f} s, of these {self.building:.0f} s of building\n", flush=True)

    def section(self, title, text, header=None, rows=()):
        found = section(title, text, header, rows)
        self.part["sections"].append(found)
        print(found, flush=True)

    def claim(self, text, ours, rival, name, unit, floor, ratio=None):
        """`floor` is the ratio aimed at; the ratio is rival / ours unless it was measured otherwise."""
        ratio = rival / ours if ratio is None else ratio
        self._claim(text, ours, rival, name, unit, ratio, f"≥ {floor:g}", bool(ratio >= floor))

    def stated(self, text, ours, stated, unit="", rival=None, name="–", tolerance=0.02):
        """A figure of the README, measured again; None where the README has no such figure any more."""
        ratio = rival / ours if rival else None
        if stated is None:
            self._claim(text, ours, rival, name, unit, ratio, "not in the README", False)
        else:
            self._claim(text, ours, rival, name, unit, ratio, f"README: {stated:,g} (± {tolerance:.0%})",
                        abs(ours - stated) <= tolerance * abs(stated))

    def aim(self, text, ours, unit, aim, met):
        """A figure with an aim of its own and no rival."""
        self._claim(text, ours, None, "–", unit, None, aim, bool(met))

    def _claim(self, text, ours, rival, name, unit, ratio, aim, met):
        self.part["claims"].append({"claim": text, "ours": ours, "rival": rival, "bestRival": name, "unit": unit,
                                    "ratio": ratio, "aim": aim, "met": met})

    def record(self, name, results):
        self.part["results"][name] = results

    def claims(self, order):
        rows = [[c["claim"], number(c["ours"], c["unit"]), c["bestRival"], number(c["rival"], c["unit"]),
                 "–" if c["ratio"] is None else f"{c['ratio']:.3g}", c["aim"], "yes" if c["met"] else "**no**"]
                for part in order if part in self.parts for c in self.parts[part]["claims"]]
        return section("Claims", CLAIMS, ["claim", "ours", "best rival", "rival's", "ratio", "aim", "met"], rows)

    def times(self, order):
        rows = [[part, found["began"], f"{found['seconds']:.0f}", f"{found['building']:.0f}", f"{found['load']:.1f}"]
                for part in order if (found := self.parts.get(part))]
        total = sum(found["seconds"] for part, found in self.parts.items() if part in order)
        text = f"Together {total / 60:.0f} minutes, without building `qls` and installing the rivals."
        return section("Time of the parts", text,
                       ["part", "began", "seconds", "of these building", "load average at its end"], rows)

    def page(self, order, versions):
        head = ["# Benchmarks", "", INTRODUCTION, "", machine(), "",
                ", ".join(f"{name} {version}" for name, version in versions.items()) + ".", ""]
        sections = [text for part in order if part in self.parts for text in self.parts[part]["sections"]]
        return "\n".join(head + sections + [self.times(order), self.claims(order)])

    def json(self, versions):
        return json.dumps({"schema": "qls.benchmarks/2", "machine": machine(), "versions": versions, "commit": commit(),
                           "parts": self.parts}, indent=2, ensure_ascii=False) + "\n"


def section(title, text, header=None, rows=()):
    lines = [f"## {title}", "", text, ""]
    if header:
        lines += ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
        lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows] + [""]
    return "\n".join(lines)


def number(value, unit):
    if value is None:
        return "–"
    return (f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}") + (f" {unit}" if unit else "")


def commit():
    folder = Path(__file__).parent
    run = subprocess.run(["git", "-C", folder, "rev-parse", "--short", "HEAD"], capture_output=True, text=True)
    return run.stdout.strip() or None


def machine():
    """The processor, its threads and the memory, in a sentence."""
    model, memory = platform.processor() or "unknown processor", 0
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            memory = int(line.split()[1]) // 1024
    return (f"{model}, {os.cpu_count()} processors, {memory / 1024:.0f} GiB of memory, {platform.system()} "
            f"{platform.machine()}.")
