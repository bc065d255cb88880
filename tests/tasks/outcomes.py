"""What the trainings of a task come to: the metrics that need the run, and faults, from outcomes given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.scoring.run_metrics import run_measures
from harness.spec import Interval, Prepared, ProcessOutcome, Query, RunOutcome, Task


@dataclass(frozen=True)
class Concluded:
    """Metrics by name, each a value with its interval, and what makes a record invalid."""

    metrics: Mapping[str, Interval]
    faults: Sequence[str]


def conclude(
    task: Task, prepared: Prepared, queries: Sequence[Query], processes: Sequence[ProcessOutcome]
) -> Concluded:
    run = RunOutcome(prepared, queries, processes)
    figures = {name: (m.value, m.low, m.high) for name, m in run_measures(task, run).items()}
    return Concluded(figures, task.quality.faults(run, figures) if task.quality.faults else ())
