"""Answers into metrics, in the trusted process: rows a unit, their sums, intervals from resampling.

What a task's own functions raise here is a fault of the task, never the contestant's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.record import Measure
from harness.spec import FromAnswers, FromRun, FromSums, Metric, Query, Split, Table, Task
from harness.stats import bootstrap, interval

if TYPE_CHECKING:
    from harness.spec import Array, Arrays


@dataclass(frozen=True)
class Evidence:
    """How much data scores rest on: ``clusters`` that can differ, and ``units`` in them.

    Where a task looks for something, clusters and units that hold any of it count.
    """

    clusters: int
    units: int


@dataclass(frozen=True)
class Scores:
    """One split of one evaluation, scored.

    ``table`` holds the additive statistics, arrays (n, ...) in the order of ``ids``; ``replicates``
    the bootstrap (b,) of each metric that has an interval. ``lessons`` says how many lessons the script has
    before each unit; it is empty where the task does not teach. ``evidence`` says how much data there are.
    ``judged`` holds the first answer to each unit by the number of its query, as ``tally`` took it.
    """

    ids: tuple[str, ...]
    clusters: tuple[str, ...]
    table: Mapping[str, Array] = field(default_factory=dict)
    metrics: Mapping[str, Measure] = field(default_factory=dict)
    replicates: Mapping[str, Array] = field(default_factory=dict)
    lessons: tuple[int, ...] = ()
    evidence: Evidence = Evidence(0, 0)
    judged: Mapping[int, Arrays] = field(default_factory=dict)

    def rows_file(self) -> dict[str, Array]:
        """Return the arrays that a record keeps of the units; empty where none was scored."""
        if not self.ids:
            return {}
        taught = {"lessons": np.array(self.lessons)} if self.lessons else {}
        return {"id": np.array(self.ids), "cluster": np.array(self.clusters), **taught, **self.table}

    def draws_file(self) -> dict[str, Array]:
        """Return the arrays that a record keeps of the bootstrap, with the number of clusters."""
        counts = {
            name: np.array(count, np.int64)
            for name, count in (("clusters", self.evidence.clusters), ("units", self.evidence.units))
        }
        return {**counts, **self.replicates}


def score(
    task: Task, queries: Sequence[Query], answers: Sequence[Mapping[int, Arrays]], split: Split
) -> Scores:
    """Score the answers of one split; ``answers`` holds one mapping of query index to answer a pass.

    Where several passes answered a unit, its row is their mean.
    """
    quality = task.quality
    units = [index for index, query in enumerate(queries) if query.split == split and query.teach is None]
    judged = [_across(task, queries, given) for given in answers]
    answered = {index: [given[index] for given in judged if index in given] for index in units}
    units = [index for index in units if answered[index]]
    if not units:
        return Scores((), ())
    table = _table(task, [queries[index] for index in units], [answered[index] for index in units])
    clusters = tuple(queries[index].cluster for index in units)
    first = [next(given[index] for given in answers if index in given) for index in units]
    truths = [queries[index].truth for index in units]
    held = quality.positives.count(table) if quality.positives else np.ones(len(units))
    positive = {cluster for cluster, count in zip(clusters, held, strict=True) if count}
    evidence = Evidence(len(positive) or len(set(clusters)), int(held.sum()) or len(units))
    draws = bootstrap(table, clusters, quality.resampled, positive=positive)
    sums = {name: rows.sum(axis=0, keepdims=True) for name, rows in table.items()}
    metrics = {}
    for metric in quality.metrics:
        if not isinstance(metric.source, FromRun):
            value = _value(metric.source, sums, first, truths)
            metrics[metric.name] = _measure(metric, value, draws.get(metric.name), evidence.clusters)
    ids = tuple(queries[index].id for index in units)
    first_judged = {index: answered[index][0] for index in units}
    return Scores(
        ids, clusters, table, metrics, draws, _lessons_before(queries, units), evidence, first_judged
    )


def _lessons_before(queries: Sequence[Query], units: Sequence[int]) -> tuple[int, ...]:
    """How many lessons stand before each unit; nothing where there are none."""
    taught = list(accumulate(int(query.teach is not None) for query in queries))
    return tuple(taught[index] for index in units) if taught[-1] else ()


def _value(
    source: FromSums | FromAnswers, sums: Table, answers: Sequence[Arrays], truths: Sequence[Any]
) -> float | None:
    if isinstance(source, FromSums):
        value = float(source.compute(sums)[0])
    else:
        value = float(source.compute(answers, truths))
    return value if math.isfinite(value) else None


def _measure(metric: Metric, value: float | None, draws: Array | None, clusters: int) -> Measure:
    around = None
    if draws is not None and value is not None:
        around = interval(draws, value, clusters, bounds=metric.bounds)
    low, high = around or (None, None)
    return Measure(value=value, low=low, high=high, unit=metric.unit, goal=metric.goal)


def _across(task: Task, queries: Sequence[Query], given: Mapping[int, Arrays]) -> Mapping[int, Arrays]:
    """Return the answers of one pass as ``tally`` takes them."""
    if task.quality.across is None or not given:
        return given
    order = sorted(given)
    made = task.quality.across([queries[index] for index in order], [given[index] for index in order])
    return dict(zip(order, made, strict=True))


def _table(task: Task, queries: Sequence[Query], answered: Sequence[Sequence[Arrays]]) -> dict[str, Array]:
    rows = [
        [task.quality.tally(answer, query.truth) for answer in passes]
        for query, passes in zip(queries, answered, strict=True)
    ]
    names = rows[0][0].keys()
    return {
        name: np.stack(
            [np.mean([np.asarray(row[name], np.float64) for row in passes], axis=0) for passes in rows]
        )
        for name in names
    }
