"""A record's time beside the reference's as a ratio, and how large a difference of two has to be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.record.record import Latency, Record
from harness.stats import Ratio, ratio_from_log

UNCALIBRATED_MARGIN = 0.03
"""The margin to assume where the machine was never calibrated (0.03: 3 %)."""


def latency_of(ratio: Ratio | None, margin: float | None) -> Latency | None:
    """Return what a record keeps of a measured ratio; None where nothing was measured."""
    if ratio is None:
        return None
    return Latency(
        log_mean=ratio.log_mean,
        standard_error=ratio.log_se,
        degrees_of_freedom=ratio.df,
        margin=margin,
    )


def ratio_of(record: Record) -> Ratio | None:
    """Return the ratio to the reference with its 95 % interval; None where it was not measured."""
    latency = record.latency
    if latency is None:
        return None
    return ratio_from_log(latency.log_mean, latency.standard_error, latency.degrees_of_freedom)


def margin_of(record: Record) -> float | None:
    """Return the margin that calibration gave; None where there was no calibration or no measurement."""
    return record.latency.margin if record.latency else None


@dataclass(frozen=True)
class ReferenceTime:
    """The median milliseconds of a query to the reference in one run, and the fingerprint of the machine."""

    ms: float
    machine: str

    @classmethod
    def of(cls, record: Record) -> ReferenceTime | None:
        """Read it from a record; None in those of older versions, and where the reference was not timed."""
        ms = record.gauges.get("reference_ms")
        return cls(ms, str(record.machine.get("fingerprint"))) if isinstance(ms, float) and ms > 0 else None


def reference_moved(a: ReferenceTime | None, b: ReferenceTime | None) -> float:
    """Return the log of the reference's time beside ``a`` over that beside ``b``.

    0 where it is not known, and on two machines, whose references differ by more than the day.
    """
    return math.log(a.ms / b.ms) if a and b and a.machine == b.machine else 0.0


def moved_between(a: Record, b: Record) -> float:
    """Return the same for two records."""
    return reference_moved(ReferenceTime.of(a), ReferenceTime.of(b))


def moved_words(moved: float, margin: float, names: tuple[str, str]) -> str:
    """Say in a sentence by how much the reference took longer beside one of two; empty within the margin."""
    if abs(moved) <= math.log1p(margin):
        return ""
    slower, other = names if moved > 0 else reversed(names)
    longer = f"{100 * math.expm1(abs(moved)):.0f} % longer"
    return (
        f"The reference took {longer} beside {slower} than beside {other}; "
        "the interval includes what that may explain."
    )


def wider_margin(a: Record, b: Record, unknown: float = UNCALIBRATED_MARGIN) -> float:
    """Return what a difference of two records has to exceed; ``unknown`` stands for a missing margin."""
    return max(unknown if known is None else known for known in map(margin_of, (a, b)))
