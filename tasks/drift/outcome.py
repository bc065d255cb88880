"""What a stream did to a model: recovery, retrainings and their seconds, what it still knows of old spans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Figures, ProcessOutcome, RunOutcome
from tasks.drift.spans import Span, accuracy_of

if TYPE_CHECKING:
    from harness.spec import Arrays, Query

BEFORE = 3
"""The accuracy before a drift is the mean over so many spans."""
RECOVERED = 0.9
"""A model has recovered when a span reaches this share of the accuracy before the drift."""


@dataclass(frozen=True)
class SpanResults:
    """One process span by span: accuracy, planted drifts by span, and the spans after which it retrained.

    ``retrained`` is None where the entry does not tell; ``lesson_s`` holds the seconds of each lesson.
    """

    accuracy: Sequence[float]
    drifts: Sequence[int]
    retrained: Sequence[int] | None
    lesson_s: Sequence[float]


def span_results(queries: Sequence[Query], process: ProcessOutcome) -> SpanResults:
    """Put the answers and lessons of one process in order."""
    asked = [index for index in sorted(process.answers) if queries[index].truth.number >= 0]
    truths: list[Span] = [queries[index].truth for index in asked]
    accuracy = [
        accuracy_of(process.answers[index], truth) for index, truth in zip(asked, truths, strict=True)
    ]
    told = [_told(process.answers[index]) for index in sorted(process.answers)]
    retrained = [place - 1 for place in range(1, len(told)) if told[place] > told[place - 1]]
    return SpanResults(
        accuracy,
        [truth.number for truth in truths if truth.drift],
        None if min(told) < 0 else retrained,
        [lesson.seconds for lesson in process.taught],
    )


def _told(answer: Arrays) -> int:
    assert isinstance(answer, Mapping)
    return int(answer["retrained"])


def over_processes(value: Callable[[SpanResults], float | None]) -> Callable[[RunOutcome], float | None]:
    """Return a metric: the mean of ``value`` over the processes, None where one of them has none."""

    def metric(run: RunOutcome) -> float | None:
        values = [value(span_results(run.queries, process)) for process in run.processes]
        known = [each for each in values if each is not None]
        return fmean(known) if known and len(known) == len(values) else None

    return metric


def detection_delay(seen: SpanResults) -> float | None:
    """Spans from a drift to the first retraining after it; to the next drift where there is none."""
    if not seen.drifts or seen.retrained is None:
        return None
    ends = [*seen.drifts[1:], len(seen.accuracy)]
    return fmean(
        next((span - start for span in seen.retrained if start <= span < end), end - start)
        for start, end in zip(seen.drifts, ends, strict=True)
    )


def recovery(seen: SpanResults) -> float | None:
    """Spans from a drift until accuracy is back at 90 % of what it was; to the next drift where it is not."""
    if not seen.drifts:
        return None
    ends = [*seen.drifts[1:], len(seen.accuracy)]
    return fmean(_recovered(seen.accuracy, start, end) for start, end in zip(seen.drifts, ends, strict=True))


def _recovered(accuracy: Sequence[float], start: int, end: int) -> int:
    aim = RECOVERED * fmean(accuracy[max(0, start - BEFORE) : start] or [0.0])
    lost = next((span for span in range(start, end) if accuracy[span] < aim), None)
    if lost is None:
        return 0
    return next((span - start for span in range(lost, end) if accuracy[span] >= aim), end - start)


def retrainings(seen: SpanResults) -> float | None:
    """How often the entry says it trained during the stream."""
    return None if seen.retrained is None else float(len(seen.retrained))


def retraining_s(seen: SpanResults) -> float | None:
    """Seconds of the lessons in which the entry says it trained."""
    return None if seen.retrained is None else sum(seen.lesson_s[span] for span in seen.retrained)


def lessons_s(seen: SpanResults) -> float:
    """Seconds of all lessons."""
    return sum(seen.lesson_s)


def old_accuracy(run: RunOutcome) -> float | None:
    """Accuracy at the end on rows of all spans that were never taught: the mean over spans."""
    values = [value for process in run.processes for value in _old(run, process).values()]
    return fmean(values) if values else None


def backward_transfer(run: RunOutcome) -> float | None:
    """How much better a span's held rows are known at the end than the span was when it came."""
    gains = []
    for process in run.processes:
        accuracy = span_results(run.queries, process).accuracy
        gains += [later - accuracy[span] for span, later in _old(run, process).items()]
    return fmean(gains) if gains else None


def _old(run: RunOutcome, process: ProcessOutcome) -> dict[int, float]:
    """Accuracy on the held rows of each span at the end; empty where none were held back."""
    for index, answer in process.answers.items():
        truth = run.queries[index].truth
        if truth.number < 0 and isinstance(answer, Mapping):
            right = answer["labels"] == truth.labels
            return {int(span): float(right[truth.origin == span].mean()) for span in np.unique(truth.origin)}
    return {}


def cpu_s(run: RunOutcome) -> float:
    """CPU seconds of all lessons, mean over the processes."""
    return fmean(sum(lesson.cpu_s for lesson in process.taught) for process in run.processes)


def growth_mb(run: RunOutcome) -> float:
    """Growth of memory over all lessons in 10**6 bytes, mean over the processes."""
    return fmean(sum(lesson.memory_mb for lesson in process.taught) for process in run.processes)


def faults(_: RunOutcome, figures: Figures) -> Sequence[str]:
    """Refuse to rank an entry that a trivial predictor beats."""
    value = figures["accuracy"][0]
    return tuple(
        f"Accuracy {value:.3f} is below what {name} reaches ({trivial:.3f})."
        for key, name in (("no_change", "predicting no change"), ("majority", "the most frequent class"))
        if value is not None and (trivial := figures[key][0]) is not None and value < trivial
    )
