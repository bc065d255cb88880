"""Does memory grow with the rows? Peaks of the generator and of entries at 262,144 and at 8 times as many.

    .venv/harness/bin/python -m bench.recommender_memory [ENTRY ...]

The generator runs in a process of its own; entries run in the sandbox, each phase's peak read from
outside. Where the data are mapped from disk the kernel counts pages of the file to the process
while memory is free; they are told apart, for they are given back when anybody wants them.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from commands.home import home, places
from harness.intake.lookup import find_submission
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, DataRequest
from tasks.recommender.task import task

VARIANTS = {"mini": 1 << 18, "mini-2m": 1 << 21}
MOST_MORE_MB = 200.0
GENERATE = """
import resource, sys, time
from pathlib import Path
from datasets.clicks import mini
folder, rows = Path(sys.argv[1]), int(sys.argv[2])
(folder / "public").mkdir(); (folder / "private").mkdir()
started = time.perf_counter()
mini.write(mini.Plan(rows=rows), folder)
seconds = time.perf_counter() - started
peak = [line for line in open("/proc/self/status") if line.startswith("VmHWM")][0].split()[1]
print(int(peak) * 1024 / 1e6, seconds)
"""


def generator(rows: int) -> float:
    """Peak of generating and writing so many rows, in MB."""
    with tempfile.TemporaryDirectory(dir=home()) as folder:
        command = [sys.executable, "-c", GENERATE, folder, str(rows)]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    peak, seconds = map(float, told.stdout.split())
    print(
        f"  generator   {rows:9,} rows: {peak:7.0f} MB  ({rows / seconds:,.0f} rows/s with both files)",
        flush=True,
    )
    return peak


def entry(name: str, variant: str) -> float:
    """Highest peak of an entry's phases on a variant, in MB, without pages of mapped files."""
    prepared = task.dataset.prepare(DataRequest(variant, places().data))
    settings = ExecutionSettings(
        choose(None), PROFILES["cpu"], task.execution.limits, prepared.public, task.execution.params
    )
    peaks = {}
    with Session(settings, find_submission(task, name, places()), 0) as session:
        session.start()
        session.load()
        for phase, step in (("prepare", session.prepare), ("build", session.build)):
            session.begin_memory_peak()
            step()
            while session.at_checkpoint:
                session.resume()
            mapped = sum(mapped_mb(pid) for pid in session.tree())
            peaks[phase] = session.memory_peak_mb() or 0.0, mapped
    told = ", ".join(
        f"{phase} {peak:.0f} MB (mapped {mapped:.0f})" for phase, (peak, mapped) in peaks.items()
    )
    print(f"  {name:11} {VARIANTS[variant]:9,} rows: {told}", flush=True)
    return max(peak for peak, _ in peaks.values())


def mapped_mb(pid: int) -> float:
    """Pages of files that a process has in memory now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssFile")) * 1024 / 1e6


def main(*names: str) -> None:
    grown = {}
    for name in names or ("generator", "raw_arrow", "fast"):
        small, large = (
            generator(rows) if name == "generator" else entry(name, variant)
            for variant, rows in VARIANTS.items()
        )
        grown[name] = large - small
    for name, more in grown.items():
        print(f"{name:11} {more:+.0f} MB at 8 times the rows; at most {MOST_MORE_MB:.0f} MB is asked")
    sys.exit(any(more > MOST_MORE_MB for more in grown.values()))


if __name__ == "__main__":
    main(*sys.argv[1:])
