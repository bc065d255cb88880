"""What every task measures besides its own metrics: latency, throughput, memory, build time, size, CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from harness.measurement.pairs import ProcessPair, drift, median_phases, trend
from harness.record import Measure
from harness.stats import Ratio, percentile_bound, throughput_interval


def measured(size_bytes: int, replicates: Sequence[ProcessPair], ratio: Ratio | None) -> dict[str, Measure]:
    """Name the measures as boards know them; only the size where nothing ran to the end."""
    size = _least(size_bytes / 1e6, "MB")
    if not replicates or ratio is None:
        return {"size_mb": size}
    times = np.array([timing.submission_ns for pair in replicates for timing in pair.timings]) / 1e6
    rate = throughput_interval(1, [_mean_seconds(pair) for pair in replicates])
    phases = median_phases(replicates)
    peaks = [phase.memory_peak_mb for phase in phases.values() if phase.memory_peak_mb is not None]
    cpu = [pair.usage.cpu_s for pair in replicates if pair.usage]
    return {
        "latency_ratio": _least(ratio.value, "x", ratio.low, ratio.high),
        "latency_p50_ms": _least(percentile_bound(times, 0.5), "ms"),
        "latency_p90_ms": _least(percentile_bound(times, 0.9), "ms"),
        "latency_p99_ms": _least(percentile_bound(times, 0.99), "ms"),
        "jitter_ms": _least(_jitter(replicates), "ms"),
        "first_query_ms": _least(phases["first_query"].seconds * 1e3, "ms"),
        "throughput_qps": Measure(value=rate.value, low=rate.low, high=rate.high, unit="1/s", goal="max"),
        "memory_peak_mb": _least(max(peaks) if peaks else None, "MB"),
        "build_s": _least(phases["build"].seconds, "s"),
        "cpu_s": _least(fmean(cpu) if cpu else None, "s"),
        "size_mb": size,
    }


def _jitter(replicates: Sequence[ProcessPair]) -> float | None:
    """The mean change of time from one request to the next (as RFC 3550 means it), in ms."""
    times = [[timing.submission_ns / 1e6 for timing in pair.timings] for pair in replicates]
    changes = np.concatenate([np.abs(np.diff(one)) for one in times])
    return float(changes.mean()) if changes.size else None


def _least(value: float | None, unit: str, low: float | None = None, high: float | None = None) -> Measure:
    return Measure(value=value, low=low, high=high, unit=unit, goal="min")


def _mean_seconds(pair: ProcessPair) -> float:
    asked = sum(timing.count for timing in pair.timings)
    return sum(timing.submission_ns for timing in pair.timings) / asked / 1e9


def gauges(
    before: Mapping[str, float],
    after: Mapping[str, float],
    replicates: Sequence[ProcessPair],
) -> dict[str, float | str | None]:
    """How busy the machine was, what the processes used, and how steady the times were."""
    found: dict[str, float | str | None] = {"load_1min": before["load_1min"]}
    found |= {name: after[name] - before[name] for name in before if name != "load_1min" and name in after}
    used = [pair.usage for pair in replicates if pair.usage]
    if used:
        found["threads"] = max(one.threads for one in used)
        found["voluntary_switches"] = fmean(one.voluntary_switches for one in used)
        found["involuntary_switches"] = fmean(one.involuntary_switches for one in used)
    peaks = [pair.kernel_peak_mb for pair in replicates if pair.kernel_peak_mb is not None]
    found["cgroup_memory_peak_mb"] = max(peaks, default=None)
    splits = np.array([split for pair in replicates for split in pair.splits])
    if splits.size:
        parts = np.median(splits, axis=0) / 1e6
        found |= dict(zip(("to_model_ms", "model_ms", "to_host_ms"), map(float, parts), strict=True))
    page_ms = [ms for pair in replicates for ms in pair.report.get("page_ms", ())[-len(pair.timings) :]]
    if page_ms:
        found["page_ms"] = float(np.median(page_ms))
    if replicates:
        found["drift"], found["trend"] = drift(replicates), trend(replicates)
    return found


def share(gauges: Mapping[str, float | str | None], part: str, whole: float) -> float:
    """One gauge as a share of a whole; 0 where the kernel gives no such gauge."""
    value = gauges.get(part)
    return float(value) / whole if value and whole else 0.0


def median_ms(replicates: Sequence[ProcessPair]) -> float | None:
    """The plain median of what a query took, over all processes."""
    times = [timing.submission_ns / timing.count for pair in replicates for timing in pair.timings]
    return float(np.median(times)) / 1e6 if times else None
