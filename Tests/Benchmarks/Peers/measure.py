"""What a command takes: wall time, processor time and peak memory, of it and of all that it starts."""
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Usage:
    wall: float
    processor: float
    peak_mib: float
    output: str


def measure(command):
    """Through a small process of its own: a child's peak memory starts at that of the process that forks it."""
    process = subprocess.run([sys.executable, __file__, *map(str, command)], capture_output=True, text=True)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {process.returncode}\n{process.stdout}{process.stderr}")
    return Usage(**json.loads(process.stdout))


def main():
    start = time.perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    json.dump({"wall": wall, "processor": usage.ru_utime + usage.ru_stime, "peak_mib": usage.ru_maxrss / 1024, "output": output}, sys.stdout)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
