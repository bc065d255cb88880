"""How long a record took beside the reference, and what differences of it have to exceed."""

from __future__ import annotations

from harness.record.record import Record
from harness.stats import Ratio

UNCALIBRATED_MARGIN = 0.03
"""What is assumed where nothing was learnt yet."""


def latency_of(record: Record) -> Ratio | None:
    """The ratio to the reference with its parts on the log scale; None where it was not measured."""
    measure = record.metrics.get("latency_ratio")
    mean = _gauge(record, "latency_log_mean")
    if measure is None or measure.value is None or mean is None:
        return None
    error, df = _gauge(record, "latency_log_se"), _gauge(record, "latency_df")
    return Ratio(measure.value, measure.low, measure.high, mean, error, df)


def margin_of(record: Record) -> float | None:
    """What calibration had learnt of the machine and profile by then; None where it was never made."""
    return _gauge(record, "margin")


def wider_margin(a: Record, b: Record, unknown: float = UNCALIBRATED_MARGIN) -> float:
    """What a difference of two records has to exceed; ``unknown`` stands in where nothing was learnt."""
    return max(unknown if known is None else known for known in map(margin_of, (a, b)))


def _gauge(record: Record, name: str) -> float | None:
    value = record.gauges.get(name)
    return value if isinstance(value, float) else None
