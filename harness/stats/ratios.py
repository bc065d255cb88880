"""Latency as a ratio to the reference, its interval over processes, and what it allows one to say."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median, stdev
from typing import Literal

from scipy import special

SpeedVerdict = Literal["faster", "slower", "no difference", "unknown"]
TRIMMED = 12
"""One process in so many is left out at either end of a mean over processes."""


@dataclass(frozen=True)
class Ratio:
    """A ratio of times (below 1: faster) with its interval; the parts below are on the log scale.

    Interval, standard error and degrees of freedom are None where one process ran.
    """

    value: float
    low: float | None
    high: float | None
    log_mean: float
    log_se: float | None
    df: float | None


@dataclass(frozen=True)
class Throughput:
    """Work per second with its interval (None after a single repeat)."""

    value: float
    low: float | None
    high: float | None


def paired_log_ratio(per_process: Sequence[Sequence[float]], level: float = 0.95) -> Ratio:
    """The latency score from log(submission time / reference time), one sequence of blocks a process.

    exp of the trimmed mean over processes of each process's median. The process is the unit of replication:
    the interval is Student's over processes, for blocks of one process share its layout in memory
    and its luck (Kalibera and Jones 2013, "Rigorous benchmarking in reasonable time"). From twelve processes
    on a twelfth of them is left out at either end, whichever side they favour: what disturbs few processes
    and is not seen changes little then.
    Raises ``ValueError`` where there is no process, or a process with no block or one not finite.
    """
    if not per_process or any(
        not blocks or not all(math.isfinite(block) for block in blocks) for blocks in per_process
    ):
        raise ValueError("every process must give at least one block, and every log ratio must be finite.")
    centres = [float(median(blocks)) for blocks in per_process]
    if len(centres) == 1:
        return ratio_from_log(centres[0], None, None, level)
    return ratio_from_log(*_trimmed_mean(sorted(centres)), level)


def _trimmed_mean(ordered: Sequence[float]) -> tuple[float, float, float]:
    """Return the mean without a twelfth at either end, its standard error and its degrees of freedom.

    The error comes from the winsorised values (Yuen 1974, Biometrika 61:165).
    """
    count, cut = len(ordered), len(ordered) // TRIMMED
    kept = list(ordered[cut : count - cut])
    winsorised = [kept[0]] * cut + kept + [kept[-1]] * cut
    error = stdev(winsorised) * math.sqrt((count - 1) / (len(kept) * (len(kept) - 1)))
    return fmean(kept), error, len(kept) - 1.0


def ratio_from_log(log_mean: float, log_se: float | None, df: float | None, level: float = 0.95) -> Ratio:
    """Return the ratio of a mean on the log scale, with Student's interval where its error is known."""
    if log_se is None or df is None:
        return Ratio(math.exp(log_mean), None, None, log_mean, None, None)
    half = -float(special.stdtrit(df, (1 - level) / 2)) * log_se
    return Ratio(
        math.exp(log_mean), math.exp(log_mean - half), math.exp(log_mean + half), log_mean, log_se, df
    )


def verdict(ratio: Ratio | None, margin: float) -> SpeedVerdict:
    """What ``ratio`` allows one to say when differences within ``margin`` (0.01: 1 %) do not count.

    "faster" only when the whole interval lies below 1 / (1 + margin), "slower" only when it lies above
    1 + margin, "unknown" without an interval.
    """
    if ratio is None or ratio.low is None or ratio.high is None:
        return "unknown"
    if ratio.high < 1 / (1 + margin):
        return "faster"
    if ratio.low > 1 + margin:
        return "slower"
    return "no difference"


def ratio_between(a: Ratio, b: Ratio, level: float = 0.95, moved: float = 0.0) -> Ratio:
    """Time of ``a`` over time of ``b``, both measured against the same reference in runs of their own.

    Welch's interval on the log scale; no interval where either has none. ``moved`` is the log of the
    reference's own time beside ``a`` over that beside ``b``. What moved it may have moved the models as much,
    or not at all: the interval reaches from the ratio of the ratios to that of the times themselves.
    """
    between = _welch(a, b, level)
    if between.low is None or between.high is None:
        return between
    low, high = between.low * math.exp(min(0.0, moved)), between.high * math.exp(max(0.0, moved))
    return replace(between, low=low, high=high)


def _welch(a: Ratio, b: Ratio, level: float) -> Ratio:
    log_mean = a.log_mean - b.log_mean
    if a.log_se is None or b.log_se is None or a.df is None or b.df is None:
        return ratio_from_log(log_mean, None, None, level)
    error = math.hypot(a.log_se, b.log_se)
    if error == 0:
        return ratio_from_log(log_mean, 0.0, min(a.df, b.df), level)
    df = 1 / ((a.log_se / error) ** 4 / a.df + (b.log_se / error) ** 4 / b.df)
    return ratio_from_log(log_mean, error, df, level)


def compare_ratios(
    a: Ratio, b: Ratio, margin: float, level: float = 0.95, moved: float = 0.0
) -> SpeedVerdict:
    """Whether ``a`` is faster or slower than ``b``, through their ratios to the same reference."""
    return verdict(ratio_between(a, b, level, moved), margin)


def throughput_interval(work: float, seconds: Sequence[float], level: float = 0.95) -> Throughput:
    """Work per second of wall time, where every repeat did ``work`` (queries, samples) in ``seconds``.

    ``work`` over the geometric mean of the wall times, with Student's interval over repeats on the log
    scale. Raises ``ValueError`` where there is no repeat or one took no time.
    """
    if not seconds or not all(0 < one < math.inf for one in seconds):
        raise ValueError("throughput needs at least one repeat, each with a positive wall time.")
    time = paired_log_ratio([[math.log(one)] for one in seconds], level)
    if time.low is None or time.high is None:
        return Throughput(work / time.value, None, None)
    return Throughput(work / time.value, work / time.high, work / time.low)
