"""Runs of an entry of cots while another process burns a core half of the time.

What they give, and what they say of it.

    python -m bench.noisy_neighbour [RUNS] [--group N] [--burst SECONDS]

Beside them a process burns for a second and rests for a second in turn. One run before and one after every
two of them are quiet, since the host that carries this machine changes within the hour, too. Every run is
within 3 % of the mean of the quiet ones around it, or provisional because others used the machine.
"""

from __future__ import annotations

import argparse
import json
import math
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


def beside(burst_s: float, runs: int) -> list[dict[str, Any]]:
    """Run the entry beside the neighbour, which is gone afterwards."""
    noise = multiprocessing.Process(target=burn, args=(os.getpid(), burst_s), daemon=True)
    noise.start()
    try:
        return [measured() for _ in range(runs)]
    finally:
        noise.kill()
        noise.join()


def main() -> None:
    parser = argparse.ArgumentParser(description="runs beside a noisy neighbour")
    parser.add_argument("runs", nargs="?", type=int, default=20)
    parser.add_argument("--group", type=int, metavar="N", default=2, help="so many between two quiet runs")
    parser.add_argument("--burst", type=float, metavar="SECONDS", default=1.0, help="burn and rest so long")
    asked = parser.parse_args()
    found: list[tuple[float, bool]] = []
    before = quiet_run(None)
    while len(found) < asked.runs:
        records = beside(asked.burst, min(asked.group, asked.runs - len(found)))
        after = quiet_run(before)
        for record in records:
            found.append(reading(record, math.sqrt(before * after)))
            print(line(f"noisy {len(found)}", record, math.sqrt(before * after)), flush=True)
        before = after
    near = [abs(off) <= WITHIN for off, _ in found]
    fine = sum(close or said for close, (_, said) in zip(near, found, strict=True))
    print(f"within 3 % or said to be disturbed: {fine} of {len(found)}; within 3 %: {sum(near)}")


def quiet_run(before: float | None) -> float:
    """Run the entry alone, print how far its ratio is from the quiet one before, and return it."""
    record = measured()
    value = float(record["metrics"]["latency_ratio"]["value"])
    print(line("quiet", record, before or value), flush=True)
    return value


if __name__ == "__main__":
    main()
