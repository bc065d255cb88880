"""Find mistakes in the declaration of a task when its file is loaded, before anything runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from harness.spec import PROFILES, FromAnswers, FromRun, FromSums, Task


def first_mistake(task: Task) -> str | None:
    """Say what is wrong in a task's declaration first, or None."""
    return next(_mistakes(task), None)


def _mistakes(task: Task) -> Iterator[str]:
    metrics = task.quality.metrics
    names = Counter(metric.name for metric in metrics)
    if not metrics:
        yield f"task '{task.name}' declares no metric"
    for name, count in names.items():
        if count > 1:
            yield f"metric '{name}' is declared {count} times"
    for metric in metrics:
        if not isinstance(metric.source, FromSums | FromAnswers | FromRun):
            yield f"metric '{metric.name}' is declared and never computed: give it FromSums(function)"
        if metric.goal not in {"max", "min"}:
            yield f"metric '{metric.name}' has the goal {metric.goal!r}; it is 'max' or 'min'"
    for what, name in (("quality.ranked", task.quality.ranked), *_columns(task)):
        if name and name not in names:
            yield f"{what} names '{name}', which is no metric of task '{task.name}'"
    for profile in task.execution.profiles:
        if profile not in PROFILES:
            yield f"profile '{profile}' is unknown; known: {', '.join(PROFILES)}"
    if not task.dataset.variants:
        yield f"dataset '{task.dataset.name}' has no variant"


def _columns(task: Task) -> list[tuple[str, str]]:
    return [("reporting.board.columns", name) for name in task.reporting.board.columns]
