"""What a training task makes of its processes: metrics that no single answer gives, and faults."""

from __future__ import annotations

from collections.abc import Sequence

from harness.measurement.pairs import ProcessPair
from harness.record import Measure
from harness.spec import Conclusion, Outcome, Prepared, Query, Task


def conclude(
    task: Task, prepared: Prepared, queries: Sequence[Query], replicates: Sequence[ProcessPair]
) -> Conclusion:
    """Ask the task. Nothing follows where it does not train, or where no process came to the end."""
    if task.training is None or not replicates:
        return Conclusion({})
    return task.training.conclude(prepared, queries, [_outcome(pair) for pair in replicates])


def _outcome(pair: ProcessPair) -> Outcome:
    return Outcome(
        answers=pair.answers,
        seconds={name: phase.seconds for name, phase in pair.phases.items()},
        asked=[(timing.query, timing.submission_ns / 1e9) for timing in pair.timings if timing.count == 1],
        checkpoints=pair.checkpoints,
        prepared_mb=pair.prepared_mb,
        cached_share=pair.cached_share,
    )


def measures(task: Task, conclusion: Conclusion) -> dict[str, Measure]:
    """The metrics as a record holds them, by what the task says of each."""
    known = {metric.name: metric for metric in task.metrics}
    return {
        name: Measure(value=value, low=low, high=high, unit=known[name].unit, goal=known[name].goal)
        for name, (value, low, high) in conclusion.metrics.items()
    }
