"""Tables for the terminal and the documentation, and the claims that they come to."""
import json
import os
import platform
from pathlib import Path


class Report:
    """Sections of Markdown, and claims: what we have, what the best rival has, and by how much."""

    def __init__(self):
        self.sections, self.claims, self.data = [], [], {}

    def section(self, title, text, header=None, rows=()):
        lines = [f"## {title}", "", text, ""]
        if header:
            lines += ["| " + " | ".join(header) + " |", "|---" + "|---:" * (len(header) - 1) + "|"]
            lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows] + [""]
        self.sections.append("\n".join(lines))
        print("\n".join(lines), flush=True)

    def claim(self, text, ours, rival, name, unit, floor, ratio=None):
        """`floor` is the ratio aimed at; the ratio is rival / ours unless it was measured otherwise."""
        ratio = rival / ours if ratio is None else ratio
        self.claims.append({"claim": text, "ours": ours, "rival": rival, "bestRival": name, "unit": unit,
                            "ratio": ratio, "aim": floor, "met": bool(ratio >= floor)})

    def table_of_claims(self):
        header = ["claim", "ours", "best rival", "rival's", "ratio", "aim", "met"]
        rows = [[c["claim"], f"{c['ours']:.3g} {c['unit']}", c["bestRival"], f"{c['rival']:.3g} {c['unit']}",
                 f"{c['ratio']:.2f}", f"≥ {c['aim']:g}", "yes" if c["met"] else "**no**"] for c in self.claims]
        return header, rows

    def page(self, versions):
        return "\n".join(
            ["# Benchmarks", "", "`make bench` makes this page. Rivals run on the same machine, in turn with `qls`, from a "
             "virtual environment. Ratios of times are medians over rounds in which the programs take turns. Where the load is "
             "above the number of processors wall times swing; processor seconds tell more then, although the waiting "
             "threads of BLAS count in them. "
             "Further pages: [reading](reading-benchmarks.md), [kernels](kernel-benchmarks.md), "
             "[quantizers](quantizer-benchmarks.md), [the paper's experiments](paper-experiments.md).", "", machine(), "", ", ".join(f"{n} {v}" for n, v in versions.items()) + ".", ""]
            + self.sections)

    def json(self, versions):
        return json.dumps({"schema": "qls.benchmarks/1", "machine": machine(), "versions": versions,
                           "claims": self.claims, "results": self.data}, indent=2) + "\n"


def machine():
    """The processor, its threads, the memory and the load, in a sentence."""
    model, memory = platform.processor() or "unknown processor", 0
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            memory = int(line.split()[1]) // 1024
    return (f"{model}, {os.cpu_count()} processors, {memory / 1024:.0f} GiB of memory, {platform.system()} "
            f"{platform.machine()}; load average {os.getloadavg()[0]:.1f} at the end.")
