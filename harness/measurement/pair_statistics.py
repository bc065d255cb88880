"""What the process pairs of a run say: ratios, medians, and how steady the times were."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np

from harness.measurement.process_pair import ProcessPair
from harness.record import Phase, Timing
from harness.stats import Ratio, paired_log_ratio, ratio_from_log

MOST_TOUCHED = 0.25
"""The share of process pairs that others may disturb though what they disturbed is left out or run again."""
_LEAST_SHARED = 8
"""A process that shares fewer queries with others does not tell whether one half of it was faster."""
_SHORT = 0.1
"""Queries that take the reference a smaller share of what the longest tenth take tell of the call alone."""
_SHUFFLED = 0.25
"""Processes ask in different orders where such a share of the queries lies in both halves of processes."""


def ratio(process_pairs: Sequence[ProcessPair]) -> Ratio:
    """Estimate the submission's time divided by the reference's, with its interval over the pairs.

    Pairs that ran on slow cores are left out where most others did not.
    """
    fast = [pair for pair in process_pairs if not pair.slowed]
    return paired_log_ratio(
        [
            [math.log(timing.submission_ns / timing.reference_ns) for timing in pair.undisturbed]
            for pair in (fast if 2 * len(fast) > len(process_pairs) else process_pairs)
        ]
    )


def trusted_ratio(process_pairs: Sequence[ProcessPair]) -> Ratio:
    """Estimate the ratio, without an interval where the machine was not ours.

    The spread of such processes says nothing of how far off they are together.
    """
    estimate = ratio(process_pairs)
    return estimate if ours(process_pairs) else ratio_from_log(estimate.log_mean, None, None)


def ours(process_pairs: Sequence[ProcessPair]) -> bool:
    """Whether the machine was ours: no pair stayed disturbed, and few had to lose blocks or run again.

    Between the bursts of others that are seen lie shorter ones that are not, and caches that they emptied.
    """
    touched = sum(pair.touched for pair in process_pairs)
    return touched <= MOST_TOUCHED * len(process_pairs) and not any(pair.disturbed for pair in process_pairs)


def median_ms(process_pairs: Sequence[ProcessPair]) -> float | None:
    """Return the median time of a query to the submission in ms, over all processes; None without any."""
    return _median_ms([t.submission_ns / t.count for pair in process_pairs for t in pair.undisturbed])


def reference_median_ms(process_pairs: Sequence[ProcessPair]) -> float | None:
    """Return the same for the reference, which was timed in turns with it."""
    return _median_ms([t.reference_ns / t.count for pair in process_pairs for t in pair.undisturbed])


def _median_ms(times_ns: Sequence[float]) -> float | None:
    return float(np.median(times_ns)) / 1e6 if times_ns else None


def median_phases(process_pairs: Sequence[ProcessPair]) -> dict[str, Phase]:
    """Return the median seconds and peak memory of each phase."""
    phases: dict[str, Phase] = {}
    for name in process_pairs[0].phases if process_pairs else ():
        reached = [pair.phases[name] for pair in process_pairs if name in pair.phases]
        peaks = [phase.memory_peak_mb for phase in reached if phase.memory_peak_mb is not None]
        phases[name] = Phase(
            seconds=statistics.median(phase.seconds for phase in reached),
            memory_peak_mb=statistics.median(peaks) if peaks else None,
        )
    return phases


def unpaired_ratio(process_pairs: Sequence[ProcessPair]) -> float:
    """Estimate the ratio as measuring one after the other would; not a number with a single pair.

    The submission's median comes from the first half of the pairs, the reference's from the second.
    """
    half = len(process_pairs) // 2
    mine = [timing.submission_ns for pair in process_pairs[:half] for timing in pair.undisturbed]
    reference = [timing.reference_ns for pair in process_pairs[half:] for timing in pair.undisturbed]
    return statistics.median(mine) / statistics.median(reference) if mine and reference else math.nan


def drift(process_pairs: Sequence[ProcessPair]) -> float:
    """Return the reference's change of speed between the halves of a process: the median factor.

    Of a training beside a pace the halves are the pieces before it and those after it.
    The largest factor would grow with the number of processes: a noisy day that takes more of them would
    count against the record twice.
    """
    paced = [pair.build.pace_s for pair in process_pairs if pair.build.pace_s]
    return _typical_change(paced or _in_order(process_pairs, lambda t: t.reference_ns / t.count))


def trend(process_pairs: Sequence[ProcessPair]) -> float:
    """Return the change of the paired ratio between the halves of a process: the median factor.

    A training beside a pace is timed once a process, and so has none: 1.
    """
    if any(pair.build.pace_s for pair in process_pairs):
        return 1.0
    return _typical_change(_in_order(process_pairs, lambda t: t.submission_ns / t.reference_ns))


def _in_order(pairs: Sequence[ProcessPair], value: Callable[[Timing], float]) -> list[list[float]]:
    """Return the values of each process in the order of asking.

    Where processes ask the same queries in different orders, each value is a multiple of what its query
    took in the other processes (median): halves of a process may hold very unlike queries. Queries that
    one process alone asked, or that are short, are left out then, and so is a process with few others.
    """
    values: dict[int, list[tuple[int, float]]] = defaultdict(list)
    halves: dict[int, set[bool]] = defaultdict(set)
    for number, pair in enumerate(pairs):
        for place, timing in enumerate(pair.undisturbed):
            values[timing.query].append((number, value(timing)))
            halves[timing.query].add(2 * place >= len(pair.undisturbed))
    several = {query for query, found in values.items() if len({number for number, _ in found}) > 1}
    moved = sum(len(halves[query]) > 1 for query in several)
    if not several or moved < _SHUFFLED * len(several):
        return [[value(timing) for timing in pair.undisturbed] for pair in pairs]
    long_ns = _SHORT * np.quantile([t.reference_ns for pair in pairs for t in pair.undisturbed], 0.9)

    def usual(query: int, mine: int) -> float:
        return statistics.median(found for number, found in values[query] if number != mine)

    shared = [
        [
            value(t) / usual(t.query, number)
            for t in pair.undisturbed
            if t.query in several and t.reference_ns >= long_ns
        ]
        for number, pair in enumerate(pairs)
    ]
    return [values for values in shared if len(values) >= _LEAST_SHARED]


def _typical_change(processes: Sequence[Sequence[float]]) -> float:
    return statistics.median(map(_change, processes)) if processes else 1.0


def _change(values: Sequence[float]) -> float:
    half = len(values) // 2
    if not half:
        return 1.0
    change = statistics.median(values[half:]) / statistics.median(values[:half])
    return max(change, 1 / change)
