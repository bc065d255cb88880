"""A stream that changes: predict a span, then be taught its labels, and decide when to retrain.

After "Continuous evaluation" of TensorFlow's blog, whose article retrains when accuracy falls below 0.9.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from datasets.spans import spans as dataset
from harness.interactions import AskAndTeach
from harness.spec import (
    Answer,
    Execution,
    FromRun,
    FromSums,
    Goal,
    Limits,
    Metric,
    ProcessCounts,
    Quality,
    Query,
    Reporting,
    RunOutcome,
    Task,
)
from tasks.drift import figures, outcome, spans

if TYPE_CHECKING:
    from harness.spec import Array, Arrays


def area(sums: Mapping[str, Array]) -> Array:
    """Return the area under accuracy over spans: the mean over spans."""
    return sums["accuracy"] / sums["spans"]


def no_change(sums: Mapping[str, Array]) -> Array:
    """Return the accuracy of predicting, row by row, the label of the row before."""
    return sums["no_change"] / sums["rows"]


def majority(sums: Mapping[str, Array]) -> Array:
    """Return the accuracy of predicting the most frequent class so far."""
    return sums["majority"] / sums["rows"]


def _run(
    name: str,
    unit: str,
    goal: Goal,
    title: str,
    compute: Callable[[RunOutcome], float | None],
    description: str,
) -> Metric:
    return Metric(name, unit, goal, title, FromRun(compute), description)


def _seen(name: str, unit: str, title: str, value: Callable[[outcome.SpanResults], float | None]) -> Metric:
    description = (value.__doc__ or "").splitlines()[0]
    return _run(name, unit, "min", title, outcome.over_processes(value), description)


METRICS = (
    Metric(
        "accuracy", "share", "max", "accuracy", FromSums(area),
        "Prequential accuracy: every span is predicted before its labels are taught. Mean over spans.",
        bounds=(0, 1), margin=0.01,
    ),
    Metric(
        "no_change", "share", "max", "no change", FromSums(no_change),
        "What predicting the label of the row before reaches, row by row. Entries below it do not rank.",
    ),
    Metric(
        "majority", "share", "max", "majority", FromSums(majority),
        "What predicting the most frequent class so far reaches. Entries below it do not rank.",
    ),
    _seen("detection_delay", "spans", "detected", outcome.detection_delay),
    _seen("recovery", "spans", "recovered", outcome.recovery),
    _seen("retrainings", "", "retrainings", outcome.retrainings),
    _seen("retraining_s", "s", "retraining", outcome.retraining_s),
    _seen("lessons_s", "s", "lessons", outcome.lessons_s),
    _run(
        "old_accuracy", "share", "max", "old spans", outcome.old_accuracy,
        "Accuracy at the end on rows of all spans that were never taught.",
    ),
    _run(
        "backward_transfer", "share", "max", "backward", outcome.backward_transfer,
        "How much better old spans are known at the end than when they came.",
    ),
    _run("lesson_cpu_s", "s", "min", "lesson CPU", outcome.cpu_s, "CPU seconds of all lessons."),
    _run("lesson_growth_mb", "MB", "min", "growth", outcome.growth_mb, "Growth of memory over all lessons."),
)  # fmt: skip


def misread(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return pictures of the digits that an entry misread."""
    from tasks.drift.examples import draw

    return draw(queries, answers)


task = Task(
    name="drift",
    version=1,
    title="A stream that changes",
    description=(
        "public/history.npz holds the first spans, x float32 (n, ...) and y int64 (n,). A query is the x of "
        "the next span; the answer is one class a row, int64 (n,) or a mapping of labels (n,) and retrained, "
        "the number of trainings so far. Then model.update(x, y) teaches the same rows; train there or not."
    ),
    dataset=dataset,
    queries=spans.queries,
    answer=Answer(spans.check, agree=spans.agree),
    quality=Quality(METRICS, spans.tally, faults=outcome.faults),
    interaction=AskAndTeach(),
    execution=Execution(
        reference="never",
        limits=Limits(build_s=60, query_s=20, run_s=600, memory_mb=2048),
        processes=ProcessCounts(ranked=3, quick=2, rounds=1),
        profiles=("cpu",),
    ),
    reporting=Reporting(examples=misread, pictures=figures.pictures, memory_timeline=False),
)
