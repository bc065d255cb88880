"""The memory of one more process, which is not timed, over time and phase by phase.

memory-profiler samples the tree every few milliseconds. That is for the picture: it misses spikes,
and what ranks is read from the kernel's exact peaks in the measured processes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil
from memory_profiler import memory_usage

from harness.measurement.participant import Participant, ignore_answers
from harness.measurement.run_plan import RunPlan
from harness.measurement.schedule import Share
from harness.record.series import MemorySample

SAMPLE_S = 0.02
STEADY_QUERIES = 30


def memory_timeline(run_plan: RunPlan, share: Share) -> list[MemorySample]:
    """Live through all phases once, sampled. Raises SubmissionError where the submission fails here."""
    samples: list[MemorySample] = []
    with run_plan.open_session() as session:
        participant = Participant(session, run_plan, ignore_answers)
        over = threading.Event()
        watcher = threading.Thread(target=_watch, args=(session.tree, lambda: participant.now, samples, over))
        watcher.start()
        try:
            participant.begin(share)
            participant.phase("steady", lambda: _ask(participant, share.timed[:STEADY_QUERIES]))
        finally:
            over.set()
            watcher.join()
    return samples


def _ask(participant: Participant, indices: Sequence[int]) -> float:
    return sum(participant.turn([[index]], [participant.load([index])])[0] for index in indices) / 1e9


def _watch(
    tree: Callable[[], tuple[int, ...]],
    phase: Callable[[], str],
    samples: list[MemorySample],
    over: threading.Event,
) -> None:
    start = time.monotonic()
    while not over.wait(SAMPLE_S):
        total = 0.0
        for pid in tree():
            with suppress(psutil.NoSuchProcess):  # a helper that ended meanwhile
                total += float(memory_usage(pid, interval=0.001, timeout=0.001, max_usage=True) or 0)
        samples.append(MemorySample(time.monotonic() - start, total * 2**20 / 1e6, phase()))
