"""A record's time beside the reference's as a ratio, and how large a difference of two has to be."""

from __future__ import annotations

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


def wider_margin(a: Record, b: Record, unknown: float = UNCALIBRATED_MARGIN) -> float:
    """Return what a difference of two records has to exceed; ``unknown`` stands for a missing margin."""
    return max(unknown if known is None else known for known in map(margin_of, (a, b)))
