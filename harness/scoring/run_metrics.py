"""Metrics that come from what the processes did: seconds of a training, checkpoints, lessons."""

from __future__ import annotations

from harness.record import Measure
from harness.spec import FromRun, Metric, RunOutcome, Task


def run_measures(task: Task, run: RunOutcome) -> dict[str, Measure]:
    """Compute the metrics of a task that come from the run; nothing where no process came to its end."""
    if not run.processes:
        return {}
    return {
        metric.name: _measure(metric, metric.source, run)
        for metric in task.quality.metrics
        if isinstance(metric.source, FromRun)
    }


def _measure(metric: Metric, source: FromRun, run: RunOutcome) -> Measure:
    given = source.compute(run)
    value, low, high = given if isinstance(given, tuple) else (given, None, None)
    return Measure(value=value, low=low, high=high, unit=metric.unit, goal=metric.goal)
