"""Two runs of an entry of cots one after the other, then two started together: the same ratios.

    python -m bench.two_runs [ENTRY]

One run has the machine at a time: of two that are started together the second waits. The ratios of both
pairs are printed with their intervals; four runs of ``cnn`` take about five minutes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


def started(entry: str) -> subprocess.Popen[str]:
    words = [sys.executable, "run_bench.py", "run", "cots", entry, "--json"]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def ratio(run: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a run and return its time ratio, and what its record is worth."""
    record = json.loads(run.communicate()[0])
    return {**record["metrics"]["latency_ratio"], "state": record["validity"]["state"]}


def line(title: str, found: dict[str, Any]) -> str:
    low, high = found["low"], found["high"]
    around = "no interval" if low is None else f"[{low:.3f}, {high:.3f}]"
    return f"{title:24} {found['value']:.3f} {around} {found['state']}"


def main() -> None:
    entry = sys.argv[1] if len(sys.argv) > 1 else "cnn"
    begun = time.monotonic()
    for number in range(2):
        print(line(f"one after the other, {number + 1}", ratio(started(entry))), flush=True)
    print(f"{time.monotonic() - begun:.0f} s", flush=True)
    begun = time.monotonic()
    for number, run in enumerate([started(entry), started(entry)]):
        print(line(f"started together, {number + 1}", ratio(run)), flush=True)
    print(f"{time.monotonic() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
