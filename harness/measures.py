"""What every task measures besides its own metrics: latency, throughput, memory, build time, size, CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from harness.pairing import Replicate, median_phases
from harness.record import Measure
from harness.stats import Ratio, percentile_bound, throughput_interval


def measured(size_bytes: int, replicates: Sequence[Replicate], ratio: Ratio | None) -> dict[str, Measure]:
    """Name the measures as boards know them; only the size where nothing ran to the end."""
    size = _least(size_bytes / 1e6, "MB")
    if not replicates or ratio is None:
        return {"size_mb": size}
    times = np.array([timing.submission_ns for left in replicates for timing in left.timings]) / 1e6
    rate = throughput_interval(1, [_mean_seconds(left) for left in replicates])
    phases = median_phases(replicates)
    peaks = [phase.memory_peak_mb for phase in phases.values() if phase.memory_peak_mb is not None]
    cpu = [left.usage.cpu_s for left in replicates if left.usage]
    return {
        "latency_ratio": _least(ratio.value, "x", ratio.low, ratio.high),
        "latency_p50_ms": _least(percentile_bound(times, 0.5), "ms"),
        "latency_p90_ms": _least(percentile_bound(times, 0.9), "ms"),
        "latency_p99_ms": _least(percentile_bound(times, 0.99), "ms"),
        "throughput_qps": Measure(value=rate.value, low=rate.low, high=rate.high, unit="1/s", goal="max"),
        "memory_peak_mb": _least(max(peaks) if peaks else None, "MB"),
        "build_s": _least(phases["build"].seconds, "s"),
        "cpu_s": _least(fmean(cpu) if cpu else None, "s"),
        "size_mb": size,
    }


def _least(value: float | None, unit: str, low: float | None = None, high: float | None = None) -> Measure:
    return Measure(value=value, low=low, high=high, unit=unit, goal="min")


def _mean_seconds(left: Replicate) -> float:
    asked = sum(timing.count for timing in left.timings)
    return sum(timing.submission_ns for timing in left.timings) / asked / 1e9


def gauges(
    before: Mapping[str, float], after: Mapping[str, float], ratio: Ratio | None
) -> dict[str, float | str | None]:
    """How busy the machine was, and the latency score on the log scale that rankings compare."""
    found: dict[str, float | str | None] = {"load_1min": before["load_1min"]}
    found |= {name: after[name] - before[name] for name in before if name != "load_1min" and name in after}
    if ratio:
        found["latency_log_mean"] = ratio.log_mean
        found["latency_log_se"] = ratio.log_se
        found["latency_df"] = ratio.df
    return found
