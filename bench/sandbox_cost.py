"""What a sandbox costs: its start over a bare process, and inference inside it against outside.

    .venv/harness/bin/python -m bench.sandbox_cost [--rounds 15] [--processes 8] [--queries 400]

All backends are measured within each round, so that a drift of the machine's speed affects all alike;
start-up is the median of paired differences, inference the median of paired ratios of block medians.
For inference, "outside" is the same host under the backend "bare", which has no walls. Ends with 1 where a
promise is broken: less than 100 ms a start, inference within 3 %.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np

from harness.intake.lookup import inspect
from harness.sandbox import all_backends, choose
from harness.sandbox.policy import Backend
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.wire import Wire
from harness.session.worker import HOST, worker
from harness.spec import PROFILES, Limits, Submission
from harness.stats import Ratio, paired_log_ratio

MOST_START_S, MOST_RATIO = 0.100, 1.03
BLOCK = 20
MODEL = """
import numpy as np


def build(context):
    weights = np.random.default_rng(0).standard_normal((256, 256)).astype(np.float32)

    def model(x):
        y = x
        for _ in range(12):
            y = np.maximum(weights @ y, 0) * 0.05
        return y

    return model
"""


def start(backend: Backend, submission: Submission, public: Path) -> float:
    """Seconds from launch to the host's first word, NumPy imported."""
    with Session(
        ExecutionSettings(backend, PROFILES["edge"], Limits(), public, {}), submission, seed=0
    ) as session:
        return session.start()


def start_bare() -> float:
    """The same for the host alone: nothing stands between this process and it."""
    runtime, wire = worker(), Wire(1 << 20, 1 << 20)
    command = [str(runtime.python), "-I", str(HOST / "main.py"), *map(str, wire.child_fds)]
    started = perf_counter()
    with subprocess.Popen(command, pass_fds=wire.child_fds) as process:
        wire.forget_child_ends()
        wire.receive()
        seconds = perf_counter() - started
        process.kill()
    wire.close()
    return seconds


def starts(
    backends: Sequence[Backend], submission: Submission, public: Path, rounds: int
) -> dict[str, tuple[float, float]]:
    """Seconds a start takes over the bare one: the median, and fastest against fastest."""
    taken: dict[str, list[float]] = {name: [] for name in ("bare", *(backend.name for backend in backends))}
    for _ in range(rounds):
        taken["bare"].append(start_bare())
        for backend in random.sample(backends, len(backends)):
            taken[backend.name].append(start(backend, submission, public))
    return {
        backend.name: (
            statistics.median(a - b for a, b in zip(taken[backend.name], taken["bare"], strict=True)),
            min(taken[backend.name]) - min(taken["bare"]),
        )
        for backend in backends
    }


def inference(backend: Backend, submission: Submission, public: Path, queries: int) -> list[float]:
    """Log ratios of block medians, inside over outside, of one pair of processes; who waits is frozen."""
    x = np.random.default_rng(1).standard_normal((256, 64)).astype(np.float32)
    stands = [
        ExecutionSettings(each, PROFILES["edge"], Limits(), public, {}) for each in (backend, choose("bare"))
    ]
    with Session(stands[0], submission, 0) as inside, Session(stands[1], submission, 0) as outside:
        for session in (inside, outside):
            session.start()
            session.load()
            session.build()
            for _ in range(BLOCK):
                session.ask(x)
            session.freeze()
        ratios = []
        for _ in range(queries // BLOCK):
            times = {}
            for session in random.sample([inside, outside], 2):
                session.thaw()
                times[session] = statistics.median(session.ask(x).ns for _ in range(BLOCK))
                session.freeze()
            ratios.append(float(np.log(times[inside] / times[outside])))
        return ratios


def judged(median_s: float, fastest_s: float, ratio: Ratio) -> str:
    """In a word; where the numbers allow both, the machine was too busy to tell."""
    if fastest_s >= MOST_START_S or (ratio.low is not None and ratio.low > MOST_RATIO):
        return "BROKEN"
    return "kept" if median_s < MOST_START_S and ratio.value < MOST_RATIO else "cannot tell"


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--queries", type=int, default=400)
    options = parser.parse_args()
    backends = [backend for backend in all_backends() if backend.safe and backend.missing() is None]
    kept = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.py").write_text(MODEL)
        submission = inspect(folder / "model.py", Limits(), folder / "entries")
        over = starts(backends, submission, folder, options.rounds)
        for backend in backends:
            found = [
                inference(backend, submission, folder, options.queries) for _ in range(options.processes)
            ]
            ratio = paired_log_ratio(found)
            verdict = judged(*over[backend.name], ratio)
            kept &= verdict != "BROKEN"
            print(
                f"{backend.name:<12} start {1e3 * over[backend.name][0]:+.0f} ms"
                f" (fastest {1e3 * over[backend.name][1]:+.0f})   inference x{ratio.value:.4f}"
                f" ({ratio.low:.4f} to {ratio.high:.4f})   {verdict}",
                flush=True,
            )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
