"""Nanoseconds a step: the slope of time over steps, one line for each process.

A process's time for a chain is a call's overhead, the harness's and the runtime's, and so much for each
step. The slope leaves the overhead out, and lies on the undisturbed tenth of the times. Times are those at
the model: copying the inputs of a step in takes the harness about 7 ns, which is a tenth of what a fast
model takes for it. The process is the unit of replication, as everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from statistics import median
from time import perf_counter_ns

import numpy as np

from harness.spec import Interval, Query, RunOutcome
from harness.stats import Line, paired_log_ratio, undisturbed_line

PEAK_SIZE, PEAK_ROUNDS = 384, 40


def line(queries: Sequence[Query], timed: Sequence[tuple[int, float]]) -> Line | None:
    """Fit nanoseconds over steps to the longer chains; ``timed`` holds each query and the seconds it took.

    Chains below half of the longest one's steps are left out: a process that waits for more than about
    0.2 ms wakes some 10 us later, which would count as time of the steps between short and long chains.
    """
    most = max(query.truth.steps for query in queries)
    long = [(index, seconds) for index, seconds in timed if 2 * queries[index].truth.steps >= most]
    steps = np.array([queries[index].truth.steps for index, _ in long], np.float64)
    return undisturbed_line(steps, np.array([seconds * 1e9 for _, seconds in long]))


def ns_per_step(run: RunOutcome) -> Interval | None:
    """Return the slope with its interval over processes; None where time does not grow with the steps."""
    return _mean_of([mine.slope for mine, _ in _lines(run)])


def step_ratio(run: RunOutcome) -> Interval | None:
    """Return the slope over the reference's, which took turns with it in each pair of processes."""
    return _mean_of([mine.slope / theirs.slope for mine, theirs in _lines(run) if theirs.slope > 0])


def waiting(run: RunOutcome) -> float | None:
    """Return by how much a call costs more than the reference's, as a share of the longest chain's steps.

    A model that let short chains wait would show a small slope and a large intercept. It is the low end of
    the interval over processes, None where they give none.
    """
    most = max(query.truth.steps for query in run.queries)
    dearer = [
        1 + (mine.intercept - theirs.intercept) / (mine.slope * most)
        for mine, theirs in _lines(run)
        if mine.slope > 0
    ]
    found = _mean_of(dearer)
    return found[1] - 1 if found and found[1] else None


def overhead_us(run: RunOutcome) -> float | None:
    """Return the median microseconds of a chain without steps: what a call costs, the harness included."""
    empty = [
        one.submission_s * 1e6
        for process in run.processes
        for one in process.at_model
        if run.queries[one.query].truth.steps == 0
    ]
    return median(empty) if empty else None


def _lines(run: RunOutcome) -> list[tuple[Line, Line]]:
    """Return the line of the submission and that of the reference in each pair of processes."""
    found = []
    for process in run.processes:
        mine = line(run.queries, [(one.query, one.submission_s) for one in process.at_model])
        theirs = line(run.queries, [(one.query, one.reference_s) for one in process.at_model])
        if mine and theirs:
            found.append((mine, theirs))
    return found


def _mean_of(values: Sequence[float]) -> Interval | None:
    """Return the geometric mean and its interval over processes; None unless all values are positive."""
    if not values or not all(0 < value < math.inf for value in values):
        return None
    found = paired_log_ratio([[math.log(value)] for value in values])
    return found.value, found.low, found.high


def roofline_ns(run: RunOutcome) -> float:
    """Return what the multiplications and additions of one step take at the peak of one core."""
    from datasets.chains import layout

    size = layout.SIZES[run.prepared.variant]
    return 2 * size.multiplications / peak_gflops()


def of_peak(run: RunOutcome) -> float | None:
    """Return the share of that peak, in per cent."""
    ns = ns_per_step(run)
    return 100 * roofline_ns(run) / ns[0] if ns and ns[0] else None


@cache
def peak_gflops() -> float:
    """Measure how many 10**9 float32 operations a second one core makes: the best of many products."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    square = np.ones((PEAK_SIZE, PEAK_SIZE), np.float32)
    product = np.empty_like(square)
    took = []
    with threadpool_limits(1):
        for _ in range(PEAK_ROUNDS):
            started = perf_counter_ns()
            np.matmul(square, square, out=product)
            took.append(perf_counter_ns() - started)
    return 2 * PEAK_SIZE**3 / min(took)
