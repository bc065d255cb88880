"""Runs of an entry of cots while another process burns a core half of the time.

What they give, and what they say of it.

    python -m bench.noisy_neighbour [RUNS] [--quiet RATIO] [--burst SECONDS]

One run is quiet; during the others a process burns for a second and rests for a second in turn. Every run is
within 3 % of the quiet one, or provisional because others used the machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
ENTRY = "cnn"
WITHIN = 0.03


def burn(parent: int, burst_s: float) -> None:
    """Burn a core for a while, rest for a while, until the parent is gone."""
    while os.getppid() == parent:
        until = time.monotonic() + burst_s
        while time.monotonic() < until:
            pass
        time.sleep(burst_s)


def measured() -> dict[str, Any]:
    """Run the entry with all its processes and return its record; a quick run scatters by more than 3 %."""
    words = [sys.executable, "run_bench.py", "run", "cots", ENTRY, "--json"]
    done = subprocess.run(words, cwd=ROOT, check=True, capture_output=True, text=True)
    record: dict[str, Any] = json.loads(done.stdout)
    return record


def reading(record: dict[str, Any], quiet: float) -> tuple[float, bool]:
    """Return how far the ratio is from the quiet one, and whether the record says that others were there."""
    said = any("used the machine" in reason for reason in record["validity"]["reasons"])
    return record["metrics"]["latency_ratio"]["value"] / quiet - 1, said


def line(title: str, record: dict[str, Any], quiet: float) -> str:
    ratio, gauges = record["metrics"]["latency_ratio"], record["gauges"]
    around = "no interval" if ratio["low"] is None else f"[{ratio['low']:.2f}, {ratio['high']:.2f}]"
    off, said = reading(record, quiet)
    verdict = "said to be disturbed" if said else "within 3 %" if abs(off) <= WITHIN else "WRONG"
    return (
        f"{title:8} {ratio['value']:.3f} {around:14} {off:+6.1%}  others {gauges['others_cores']:.2f} cores, "
        f"{gauges['processes_touched']:.0f} of {record['processes']} processes touched: {verdict}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="runs beside a noisy neighbour")
    parser.add_argument("runs", nargs="?", type=int, default=20)
    parser.add_argument("--quiet", type=float, metavar="RATIO", help="the quiet ratio (default: a run first)")
    parser.add_argument("--burst", type=float, metavar="SECONDS", default=1.0, help="burn and rest so long")
    asked = parser.parse_args()
    value = asked.quiet
    if value is None:
        quiet = measured()
        value = float(quiet["metrics"]["latency_ratio"]["value"])
        print(line("quiet", quiet, value), flush=True)
    noise = multiprocessing.Process(target=burn, args=(os.getpid(), asked.burst), daemon=True)
    noise.start()
    found = []
    try:
        for number in range(asked.runs):
            record = measured()
            found.append(reading(record, value))
            print(line(f"noisy {number + 1}", record, value), flush=True)
    finally:
        noise.kill()
    near = [abs(off) <= WITHIN for off, _ in found]
    fine = sum(close or said for close, (_, said) in zip(near, found, strict=True))
    print(f"within 3 % or said to be disturbed: {fine} of {len(found)}; within 3 %: {sum(near)}")


if __name__ == "__main__":
    main()
