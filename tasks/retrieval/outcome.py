"""What lessons and size cost a model: forgetting, milliseconds a class, latency and memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import fmean, median
from typing import TYPE_CHECKING

import numpy as np

from tasks.retrieval.script import Asked, Taught

if TYPE_CHECKING:
    from harness.spec import Arrays, Interval, ProcessOutcome, RunOutcome


def old_accuracy(phase: str, run: RunOutcome) -> float | None:
    """Accuracy on base classes ``before`` or ``after`` the episodes, base classes alone competing."""
    right = [
        float(value)
        for process in run.processes
        for truth, answer in _answers(run, process, phase)
        for value in answer["named"] == truth.labels
    ]
    return fmean(right) if right else None


def forgetting(run: RunOutcome) -> float | None:
    """How much accuracy on base classes fell from before the episodes to after them."""
    before, after = old_accuracy("before", run), old_accuracy("after", run)
    return None if before is None or after is None else before - after


def add_ms(run: RunOutcome) -> float | None:
    """Milliseconds to add one class where many are known, else a class of an episode; median."""
    alone, shared = [], []
    for process in run.processes:
        for lesson in process.taught:
            taught: Taught = run.queries[lesson.query].truth
            if taught.classes:
                shared.append(1e3 * lesson.seconds / taught.classes)
            if taught.classes == 1:
                alone.append(1e3 * lesson.seconds)
    times = alone or shared
    return median(times) if times else None


def class_kb(run: RunOutcome) -> float | None:
    """Growth of memory a class in 1000 bytes, over the lesson that adds most classes; mean over processes."""
    values = []
    for process in run.processes:
        taught = [(run.queries[lesson.query].truth.classes, lesson.memory_mb) for lesson in process.taught]
        classes, growth = max(taught, default=(0, 0.0))
        if classes >= 100:
            values.append(1e3 * growth / classes)
    return fmean(values) if values else None


def query_ms(known: int, run: RunOutcome) -> float | None:
    """Milliseconds of a query of one picture where so many classes are known; median."""
    times = latencies(run).get(known)
    return median(times) if times else None


def base_ms(run: RunOutcome) -> float | None:
    """Milliseconds of a query of one picture where only the base classes are known; median."""
    times = latencies(run)
    return median(times[min(times)]) if times else None


def latencies(run: RunOutcome) -> Mapping[int, list[float]]:
    """Return the milliseconds of single queries by the number of known classes."""
    times: dict[int, list[float]] = {}
    for process in run.processes:
        for index, seconds in process.asked:
            truth: Asked = run.queries[index].truth
            if truth.phase == "speed":
                times.setdefault(truth.known, []).append(1e3 * seconds)
    return times


def exact(run: RunOutcome) -> float | None:
    """The share of old pictures whose old scores stayed the same, bit by bit, as classes were added."""
    same = []
    for process in run.processes:
        many = max((truth.known for truth, _ in _answers(run, process, "speed")), default=0)
        before = [answer for truth, answer in _answers(run, process, "speed") if truth.known == many]
        after = [answer for _, answer in _answers(run, process, "added")]
        same += [
            float(np.array_equal(one["digest"], other["digest"]))
            for one, other in zip(before, after, strict=False)
        ]
    return fmean(same) if same else None


def _answers(
    run: RunOutcome, process: ProcessOutcome, phase: str
) -> Iterator[tuple[Asked, Mapping[str, np.ndarray]]]:
    """The truths and answers of one phase, in the order of the script."""
    for index in sorted(process.answers):
        truth, answer = run.queries[index].truth, process.answers[index]
        if truth.phase == phase and isinstance(answer, Mapping):
            yield truth, answer


def at_shots(run: RunOutcome) -> Mapping[int, Interval]:
    """Return the harmonic mean over the episodes and its 95 % interval by examples a class."""
    from harness.stats import bootstrap, interval
    from tasks.retrieval.scoring import harmonic, tally
    from tasks.retrieval.script import SHOTS

    pairs: list[tuple[str, Asked, Arrays]] = [
        (run.queries[index].cluster, run.queries[index].truth, answer)
        for index, answer in sorted(run.processes[0].answers.items())
        if run.queries[index].truth.phase == "episode"
    ]
    rows = [tally(answer, truth) for _, truth, answer in pairs]
    table = {name: np.array([float(np.asarray(row[name])) for row in rows]) for name in rows[0]}
    sums = {name: column.sum(keepdims=True) for name, column in table.items()}
    values = {shots: float(harmonic(shots, sums)[0]) for shots in SHOTS}
    clusters = [cluster for cluster, _, _ in pairs]
    known = [shots for shots in SHOTS if np.isfinite(values[shots])]
    draws = bootstrap(table, clusters, lambda drawn: {str(shots): harmonic(shots, drawn) for shots in known})
    found = {}
    for shots in known:
        around = interval(draws[str(shots)], values[shots], len(set(clusters)))
        found[shots] = (values[shots], *(around or (values[shots], values[shots])))
    return found
