#!/usr/bin/env python3
"""Kills `qls merge` while it replaces a store: the store has to be whole every time.

usage: kill_writers.py QLS [KILLS [SIGNAL]]

Each round starts the command that replaces target.qls, waits for its temporary file and a random part of the time that
writing takes, and kills it (SIGKILL unless another signal is named). Then target.qls has to verify, to be the old store or
the new one byte for byte, and after the last round one undisturbed write has to leave nothing temporary behind. Of signals
that can be handled no temporary file may be left at all.
"""
import hashlib, os, random, shutil, signal, subprocess, sys, tempfile, time

qls = os.path.abspath(sys.argv[1])
kills = int(sys.argv[2]) if len(sys.argv) > 2 else 100
number = getattr(signal, sys.argv[3]) if len(sys.argv) > 3 else signal.SIGKILL


def digest(path):
    return hashlib.sha256(open(path, "rb").read()).hexdigest()


def run(*arguments):
    subprocess.run([qls, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def copies(name, count):
    """Copies of a store: the same file is refused where it is listed twice."""
    names = [f"{name}-{k}.qls" for k in range(count)]
    for copy in names:
        shutil.copy(name, copy)
    return names


def temporary():
    return [name for name in os.listdir(".") if name.endswith(".qls-part")]


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    generator = random.Random(1)
    with open("rows.csv", "w") as file:
        file.write(",".join(f"x{j}" for j in range(20)) + ",y\n")
        for _ in range(4000):
            file.write(",".join(f"{generator.gauss(0, 1):.6f}" for _ in range(21)) + "\n")
    run("quantize", "rows.csv", "--response", "y", "-o", "one.qls")
    run("merge", *copies("one.qls", 40), "-o", "part.qls")
    parts = copies("part.qls", 21)
    run("merge", *parts[1:], "-o", "old.qls")
    run("merge", *parts, "-o", "new.qls")
    whole = {digest("old.qls"), digest("new.qls")}
    subprocess.run(["cp", "old.qls", "target.qls"], check=True)
    command = [qls, "merge", *parts, "-o", "target.qls"]

    def begin():
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = set(temporary())
        while process.poll() is None and not set(temporary()) - before:
            time.sleep(0.0005)
        return process, time.monotonic()

    process, started = begin()
    process.wait()
    writing = time.monotonic() - started
    subprocess.run(["cp", "old.qls", "target.qls"], check=True)
    during, replaced, leftovers = 0, 0, 0
    for k in range(kills):
        process, started = begin()
        time.sleep(generator.random() * writing * 1.05)
        process.send_signal(number)
        status = process.wait()
        during += status == -number
        leftovers += bool(temporary())
        if number != signal.SIGKILL and temporary():
            sys.exit(f"round {k}: {temporary()} left after {number.name}")
        run("verify", "target.qls")
        if digest("target.qls") not in whole:
            sys.exit(f"round {k}: the store is neither the old one nor the new one")
        if digest("target.qls") == digest("new.qls"):
            replaced += 1
            subprocess.run(["cp", "old.qls", "target.qls"], check=True)
    run("merge", *parts, "-o", "target.qls")
    if temporary() or digest("target.qls") != digest("new.qls"):
        sys.exit("an undisturbed write does not clean up")
    print(f"{kills} times {number.name}, {during} while the command ran, writing took {writing:.2f} s:")
    print(f"the store was whole every time, the new one {replaced} times; temporary files were left {leftovers} times")
