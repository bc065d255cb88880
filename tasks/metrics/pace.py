"""The time of a training as a ratio to the pace of the reference's training beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import fmean

from harness.spec import Interval, ProcessOutcome, RunOutcome
from harness.stats import paired_log_ratio


def pace_ratio(run: RunOutcome, seconds: Callable[[ProcessOutcome], float], share: float) -> Interval | None:
    """Return the seconds of a training over those of the reference's whole training at its pace.

    ``share`` is the part of the whole that one piece is. Of each process the seconds are divided by the mean
    of the pieces just before and just after; the value is the geometric mean over processes and the interval
    Student's on the log scale, as for latency. There is none with one process, nor where others used the
    machine; None where a process has no pace.
    """
    if not run.processes or not all(process.training.pace_s for process in run.processes):
        return None
    logs = [math.log(seconds(one) * share / fmean(one.training.pace_s)) for one in run.processes]
    ratio = paired_log_ratio([[log] for log in logs])
    return (ratio.value, None, None) if run.disturbed else (ratio.value, ratio.low, ratio.high)


def inverse(ratio: Interval | None) -> Interval | None:
    """Return one over a ratio: of times made one of rates."""
    value, low, high = ratio or (None, None, None)
    if value is None:
        return None
    return 1 / value, None if high is None else 1 / high, None if low is None else 1 / low
