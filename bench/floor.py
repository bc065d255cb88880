"""The harness's own cost: a model that answers a constant, beside plain copies, in one interleaved run.

    .venv/harness/bin/python -m bench.floor

Prints the median per query for 1 KB and for a 1280x720 frame, and its ratio to one copy of the same bytes.
The parent shares the contestant's core, as on the profile ``edge``: a wake-up on another, idle core
costs more than the rest together.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter_ns

import numpy as np

from harness.measurement.calibration import null_model
from harness.sandbox import choose
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, Limits

ROUNDS, QUERIES = 40, 50


def main() -> None:
    backend = choose()
    with tempfile.TemporaryDirectory() as public:
        settings = ExecutionSettings(backend, PROFILES["edge"], Limits(), Path(public), {})
        os.sched_setaffinity(0, settings.cpus)
        with Session(settings, null_model(), seed=0) as session:
            session.start()
            session.load()
            session.build()
            print(f"isolation {backend.name}, {ROUNDS} interleaved rounds of {QUERIES} queries and copies")
            for name, shape in (("1 KB", (1024,)), ("1280x720 frame", (720, 1280, 3))):
                x = np.random.default_rng(0).integers(0, 255, shape, dtype=np.uint8)
                report(name, session, x)


def report(name: str, session: Session, x: np.ndarray) -> None:
    target = np.empty_like(x)
    asked, copied = [], []
    for _ in range(ROUNDS):
        asked += [session.ask(x).ns for _ in range(QUERIES)]
        for _ in range(QUERIES):
            start = perf_counter_ns()
            np.copyto(target, x)
            copied.append(perf_counter_ns() - start)
    query, copy = median(asked) / 1e3, median(copied) / 1e3
    print(f"{name:16} p50 {query:8.1f} us a query  {copy:8.1f} us a copy  ratio {query / copy:.2f}")


if __name__ == "__main__":
    main()
