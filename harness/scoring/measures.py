"""What is measured of every submission besides its task's metrics, and the gauges of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np

from harness.measurement.pair_statistics import drift, median_phases, reference_median_ms, trend
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_result import RunTotals
from harness.record import Measure
from harness.record.measured import RunFigures, measures
from harness.session import cores_awake
from harness.stats import Ratio


def measured(
    size_bytes: int, process_pairs: Sequence[ProcessPair], ratio: Ratio | None
) -> dict[str, Measure]:
    """Compute what every record holds of the measured processes; only the size where none ran to the end."""
    if not process_pairs or ratio is None:
        return measures(RunFigures(size_bytes))
    run = RunFigures(
        size_bytes=size_bytes,
        ratio=ratio,
        request_ms=[np.array([t.submission_ns for t in pair.undisturbed]) / 1e6 for pair in process_pairs],
        query_s=[_mean_seconds(pair) for pair in process_pairs],
        cpu_s=[pair.resources.usage.cpu_s for pair in process_pairs if pair.resources.usage],
        phases=median_phases(process_pairs),
    )
    return measures(run)


def _mean_seconds(pair: ProcessPair) -> float:
    asked = sum(timing.count for timing in pair.undisturbed)
    return sum(timing.submission_ns for timing in pair.undisturbed) / asked / 1e9


def gauges(totals: RunTotals, process_pairs: Sequence[ProcessPair]) -> dict[str, float | str | None]:
    """Return how busy the machine was, what the processes used, and how steady the times were."""
    before, after = totals.before, totals.after
    changes = {name: after[name] - before[name] for name in before if name != "load_1min" and name in after}
    return {
        "load_1min": before["load_1min"],
        **changes,
        **_processes(process_pairs),
        "energy_cpu_j": totals.joules,
        "cores_awake": float(cores_awake.allowed()),
        "loading_share": totals.loading_s / totals.seconds,
        "harness_share": max(0.0, 1 - (totals.working_s + totals.loading_s) / totals.seconds),
    }


def _processes(process_pairs: Sequence[ProcessPair]) -> dict[str, float | None]:
    values: dict[str, float | None] = {}
    usages = [pair.resources.usage for pair in process_pairs if pair.resources.usage]
    if usages:
        values["threads"] = max(usage.threads for usage in usages)
        values["voluntary_switches"] = fmean(usage.voluntary_switches for usage in usages)
        values["involuntary_switches"] = fmean(usage.involuntary_switches for usage in usages)
    splits = np.array([split for pair in process_pairs for split in pair.splits.submission])
    if splits.size:
        parts = np.median(splits, axis=0) / 1e6
        values |= dict(zip(("to_model_ms", "model_ms", "to_host_ms"), map(float, parts), strict=True))
    page_ms = [
        ms for pair in process_pairs for ms in pair.host.report.get("page_ms", ())[-len(pair.timings) :]
    ]
    if page_ms:
        values["page_ms"] = float(np.median(page_ms))
    if process_pairs:
        values["reference_ms"] = reference_median_ms(process_pairs)
        values["drift"], values["trend"] = drift(process_pairs), trend(process_pairs)
        values |= _others(process_pairs)
    return values


def _others(process_pairs: Sequence[ProcessPair]) -> dict[str, float]:
    """What others used of the machine, in cores, and the blocks and processes that this disturbed."""
    seen = [pair.resources.others for pair in process_pairs]
    seconds = sum(one.whole.seconds for one in seen)
    used_s = sum(one.whole.cpu_s + one.whole.stolen_s for one in seen)
    return {
        "others_cores": used_s / seconds if seconds else 0.0,
        "blocks": sum(len(one.blocks) for one in seen),
        "blocks_disturbed": sum(len(one.disturbed) for one in seen),
        "processes_disturbed": sum(pair.disturbed for pair in process_pairs),
        "processes_touched": sum(pair.touched for pair in process_pairs),
        "blocks_slowed": sum(len(one.slowed) for one in seen),
        "processes_slowed": sum(pair.slowed for pair in process_pairs),
    }
