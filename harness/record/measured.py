"""What the harness measures of every submission, whatever the task: each number declared and computed here.

A number in ``MEASURED`` is in every record, and with a ``priority`` it is a column of every board. Scoring
and boards go through this list. ``docs/metric-columns.md`` shows how to add an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from harness.record.record import Measure, Phase
from harness.spec import Goal, Interval
from harness.stats import Ratio, percentile_bound, throughput_interval

if TYPE_CHECKING:
    from harness.spec import Array

Computed: TypeAlias = "float | Interval | None"


@dataclass(frozen=True)
class RunFigures:
    """What was measured of a submission in one run; everything but the size is empty where the run failed.

    ``ratio`` compares its times with the reference's. Of each process: ``request_ms``, the times (requests,)
    of its requests in order, in ms; ``query_s``, the mean time of a query in seconds; ``cpu_s``, the CPU
    seconds of its process tree, where they are known. ``phases`` are medians over the processes.
    """

    size_bytes: int
    ratio: Ratio | None = None
    request_ms: Sequence[Array] = ()
    query_s: Sequence[float] = ()
    cpu_s: Sequence[float] = ()
    phases: Mapping[str, Phase] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """One number that is measured of every submission.

    ``compute`` gives a value, a value with its 95 % interval, or None where there is none; it is not called
    for a failed run if it ``needs_run``. Boards show it as a column if it has a ``priority``: a narrow screen
    keeps the columns with the smallest.
    """

    name: str
    unit: str
    goal: Goal
    title: str
    description: str
    compute: Callable[[RunFigures], Computed]
    priority: int | None = None
    needs_run: bool = True

    def measure(self, run: RunFigures) -> Measure:
        """Compute the number as a record holds it."""
        computed = self.compute(run)
        value, low, high = computed if isinstance(computed, tuple) else (computed, None, None)
        return Measure(value=value, low=low, high=high, unit=self.unit, goal=self.goal)


def measures(run: RunFigures, measured: Sequence[Measured] | None = None) -> dict[str, Measure]:
    """Compute the measured numbers of a run by name; by default those of ``MEASURED``."""
    failed = run.ratio is None
    every = MEASURED if measured is None else measured
    return {one.name: one.measure(run) for one in every if not (failed and one.needs_run)}


def _ratio(run: RunFigures) -> Interval | None:
    return (run.ratio.value, run.ratio.low, run.ratio.high) if run.ratio else None


def _percentile(p: float, run: RunFigures) -> float | None:
    return percentile_bound(np.concatenate(run.request_ms), p)


def _throughput(run: RunFigures) -> Interval:
    rate = throughput_interval(1, run.query_s)
    return rate.value, rate.low, rate.high


def _peak_memory(run: RunFigures) -> float | None:
    peaks = [phase.memory_peak_mb for phase in run.phases.values() if phase.memory_peak_mb is not None]
    return max(peaks, default=None)


def _jitter(run: RunFigures) -> float | None:
    changes = np.concatenate([np.abs(np.diff(times)) for times in run.request_ms])
    return float(changes.mean()) if changes.size else None


MEASURED = (
    Measured(
        "latency_p50_ms", "ms", "min", "p50",
        "Upper 95 % confidence bound on the median time of a request.",
        partial(_percentile, 0.5), priority=3,
    ),
    Measured(
        "latency_p90_ms", "ms", "min", "p90",
        "Upper 95 % confidence bound on the 90th percentile of request times; needs 29 requests.",
        partial(_percentile, 0.9), priority=6,
    ),
    Measured(
        "latency_p99_ms", "ms", "min", "p99",
        "Upper 95 % confidence bound on the 99th percentile of request times; needs 299 requests.",
        partial(_percentile, 0.99), priority=5,
    ),
    Measured(
        "latency_ratio", "×", "min", "time ratio",
        "Time divided by the reference entry's, both timed in turns; below 1 is faster than the reference.",
        _ratio, priority=1,
    ),
    Measured(
        "throughput_qps", "1/s", "max", "queries",
        "Queries answered per second while the submission is asked one request after another.",
        _throughput, priority=4,
    ),
    Measured(
        "memory_peak_mb", "MB", "min", "memory",
        "Peak resident memory of the whole process tree, in the phase that needs most.",
        _peak_memory, priority=2,
    ),
    Measured(
        "build_s", "s", "min", "build",
        "Time that build() takes to load or train the model.",
        lambda run: run.phases["build"].seconds, priority=8,
    ),
    Measured(
        "size_mb", "MB", "min", "size",
        "Size of the submitted files.",
        lambda run: run.size_bytes / 1e6, priority=7, needs_run=False,
    ),
    Measured(
        "jitter_ms", "ms", "min", "jitter",
        "Mean change of the time from one request to the next, as in RFC 3550.",
        _jitter,
    ),
    Measured(
        "first_query_ms", "ms", "min", "first query",
        "Time of the first query of a fresh process.",
        lambda run: run.phases["first_query"].seconds * 1e3,
    ),
    Measured(
        "cpu_s", "s", "min", "CPU",
        "CPU time of the whole process tree, as a mean over the processes.",
        lambda run: fmean(run.cpu_s) if run.cpu_s else None,
    ),
)  # fmt: skip
"""In the order in which boards show them."""
