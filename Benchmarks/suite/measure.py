"""Runs a program and writes its wall seconds, processor seconds and peak kilobytes to the file given first.

A process of its own, because Linux counts the memory of whoever starts a program as the program's: this one is small.
"""
import os
import sys
import time

start = time.perf_counter()
child = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(child, 0)
with open(sys.argv[1], "w") as file:
    file.write(f"{time.perf_counter() - start} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")
sys.exit(1 if status else 0)
