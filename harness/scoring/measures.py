"""What is measured of every submission besides its task's metrics, and the gauges of the machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import numpy as np

from harness.measurement.pair_statistics import drift, median_phases, trend
from harness.measurement.pairs import ProcessPair
from harness.record import Measure
from harness.record.measured import RunFigures, measures
from harness.stats import Ratio


def measured(size_bytes: int, replicates: Sequence[ProcessPair], ratio: Ratio | None) -> dict[str, Measure]:
    """Compute what every record holds of the measured processes; only the size where none ran to the end."""
    if not replicates or ratio is None:
        return measures(RunFigures(size_bytes))
    run = RunFigures(
        size_bytes=size_bytes,
        ratio=ratio,
        request_ms=[np.array([t.submission_ns for t in pair.timings]) / 1e6 for pair in replicates],
        query_s=[_mean_seconds(pair) for pair in replicates],
        cpu_s=[pair.usage.cpu_s for pair in replicates if pair.usage],
        phases=median_phases(replicates),
    )
    return measures(run)


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
