"""Programs run in turn: wall time, processor time and peak memory of each run, medians over the rounds."""
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MEASURE = Path(__file__).parent / "measure.py"
BUDGET = 60  # Seconds after which a program takes no further turns.


class Failure(Exception):
    """A program failed, or an answer is wrong."""


def run(command):
    """Wall seconds, processor seconds, peak bytes and standard output."""
    with tempfile.NamedTemporaryFile("r") as file:
        words = [sys.executable, "-I", "-S", MEASURE, file.name, *command]
        process = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE)
        if process.returncode:
            raise Failure(f"failed: {' '.join(str(word) for word in command)[:300]}")
        wall, processor, peak = map(float, file.read().split())
    return wall, processor, peak * 1024, process.stdout.decode()


class Contest:
    """Programs that do the same work, by name."""

    HEADER = ["program", "runs", "seconds, median", "fastest", "times `qls`, median", "processor seconds", "peak MB"]

    def __init__(self, commands, rounds):
        runs = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                if sum(r[0] for r in runs[name]) < BUDGET:
                    runs[name].append(run(command))
        self.runs = runs
        self.seconds = {name: statistics.median(r[0] for r in found) for name, found in runs.items()}
        self.fastest = {name: min(r[0] for r in found) for name, found in runs.items()}
        self.processor = {name: statistics.median(r[1] for r in found) for name, found in runs.items()}
        self.bytes = {name: max(r[2] for r in found) for name, found in runs.items()}
        self.outputs = {name: found[-1][3] for name, found in runs.items()}

    def ratio(self, name, ours):
        """How many times as long as ours a program took, median over the rounds: each is compared with its neighbour in
        time, because a machine may be busier in one round than in another."""
        return statistics.median(theirs[0] / mine[0] for theirs, mine in zip(self.runs[name], self.runs[ours]))

    def table(self, ours):
        """Rows for a report."""
        return [[name, len(self.runs[name]), f"{self.seconds[name]:.2f}", f"{self.fastest[name]:.2f}",
                 f"{self.ratio(name, ours):.2f}", f"{self.processor[name]:.2f}",
                 f"{self.bytes[name] / 1e6:,.0f}"] for name in self.seconds]

    def record(self):
        """What the JSON file keeps."""
        return {"seconds": self.seconds, "processorSeconds": self.processor, "peakBytes": self.bytes}
