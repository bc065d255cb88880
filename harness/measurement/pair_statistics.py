"""Statistics of process pairs: ratios, phases, and how far speeds changed within a process."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from harness.measurement.pairs import ProcessPair
from harness.record import Phase


def log_ratios(replicates: Sequence[ProcessPair]) -> list[list[float]]:
    """Per process, the paired log ratios of its queries: log(submission / reference)."""
    return [
        [math.log(timing.submission_ns / timing.reference_ns) for timing in pair.timings]
        for pair in replicates
    ]


def median_phases(replicates: Sequence[ProcessPair]) -> dict[str, Phase]:
    """Median over the replicates of each phase's seconds and peak."""
    phases: dict[str, Phase] = {}
    for name in replicates[0].phases if replicates else ():
        met = [pair.phases[name] for pair in replicates if name in pair.phases]
        peaks = [phase.memory_peak_mb for phase in met if phase.memory_peak_mb is not None]
        phases[name] = Phase(
            seconds=statistics.median(phase.seconds for phase in met),
            memory_peak_mb=statistics.median(peaks) if peaks else None,
        )
    return phases


def unpaired_ratio(replicates: Sequence[ProcessPair]) -> float:
    """What measuring one after the other would say: the submission's median in the first half of the

    processes over the reference's in the second half. Not a number where one process ran.
    """
    half = len(replicates) // 2
    mine = [timing.submission_ns for pair in replicates[:half] for timing in pair.timings]
    reference = [timing.reference_ns for pair in replicates[half:] for timing in pair.timings]
    return statistics.median(mine) / statistics.median(reference) if mine and reference else math.nan


def drift(replicates: Sequence[ProcessPair]) -> float:
    """The reference's own change of speed between the halves of a process: the median factor.

    Not the largest, which grows with the processes: a noisy day that takes more of them would be held
    against the record twice.
    """
    return _typical_change([[t.reference_ns / t.count for t in pair.timings] for pair in replicates])


def trend(replicates: Sequence[ProcessPair]) -> float:
    """The paired ratio's change between the halves of the processes: the median factor."""
    return _typical_change([[t.submission_ns / t.reference_ns for t in pair.timings] for pair in replicates])


def _typical_change(processes: Sequence[Sequence[float]]) -> float:
    return statistics.median(map(_change, processes)) if processes else 1.0


def _change(values: Sequence[float]) -> float:
    half = len(values) // 2
    if not half:
        return 1.0
    change = statistics.median(values[half:]) / statistics.median(values[:half])
    return max(change, 1 / change)


def median_ms(process_pairs: Sequence[ProcessPair]) -> float | None:
    """Median milliseconds of a query to the submission, over all processes."""
    times = [timing.submission_ns / timing.count for pair in process_pairs for timing in pair.timings]
    return statistics.median(times) / 1e6 if times else None
