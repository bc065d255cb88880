"""Answers into metrics, in the trusted process: rows a unit, their sums, intervals from resampling.

What a task's own functions raise here is a fault of the task, never the contestant's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from harness.record import Measure
from harness.spec import Query, Split, Task
from harness.stats import bootstrap, interval

if TYPE_CHECKING:
    from harness.spec import Array, Arrays


@dataclass(frozen=True)
class Scores:
    """One split of one evaluation, scored.

    ``table`` holds the additive statistics, arrays (n, ...) in the order of ``ids``; ``replicates``
    the bootstrap (b,) of each metric that has an interval.
    """

    ids: tuple[str, ...]
    clusters: tuple[str, ...]
    table: Mapping[str, Array] = field(default_factory=dict)
    metrics: Mapping[str, Measure] = field(default_factory=dict)
    replicates: Mapping[str, Array] = field(default_factory=dict)

    def rows_file(self) -> dict[str, Array]:
        """Return the arrays that a record keeps of the units; empty where none was scored."""
        return (
            {"id": np.array(self.ids), "cluster": np.array(self.clusters), **self.table} if self.ids else {}
        )

    def draws_file(self) -> dict[str, Array]:
        """Return the arrays that a record keeps of the bootstrap, with the number of clusters."""
        return {"clusters": np.array(len(set(self.clusters)), np.int64), **self.replicates}


def score(
    task: Task, queries: Sequence[Query], answers: Sequence[Mapping[int, Arrays]], split: Split
) -> Scores:
    """Score the answers of one split; ``answers`` holds one mapping of query index to answer a pass.

    Where several passes answered a unit, its row is their mean.
    """
    units = [index for index, query in enumerate(queries) if query.split == split]
    judged = [_together(task, queries, given) for given in answers]
    answered = [[given[index] for given in judged if index in given] for index in units]
    units = [index for index, passes in zip(units, answered, strict=True) if passes]
    answered = [passes for passes in answered if passes]
    if not units:
        return Scores((), ())
    table = _table(task, [queries[index] for index in units], answered)
    clusters = tuple(queries[index].cluster for index in units)
    values = task.aggregate({name: rows.sum(axis=0, keepdims=True) for name, rows in table.items()})
    found = {name: float(value[0]) for name, value in values.items()}
    if task.overall:
        first = [next(given[index] for given in answers if index in given) for index in units]
        found |= task.overall(first, [queries[index].truth for index in units])
    replicates = bootstrap(table, clusters, task.aggregate)
    count = len(set(clusters))
    metrics = {}
    for metric in task.metrics:
        if metric.name not in found:
            continue
        value = found[metric.name] if math.isfinite(found[metric.name]) else None
        around = None
        if metric.interval and value is not None and metric.name in replicates:
            around = interval(replicates[metric.name], value, count)
        low, high = (max(around[0], metric.least), min(around[1], metric.most)) if around else (None, None)
        metrics[metric.name] = Measure(value=value, low=low, high=high, unit=metric.unit, goal=metric.goal)
    ids = tuple(queries[index].id for index in units)
    kept = {metric.name for metric in task.metrics if metric.interval}
    return Scores(ids, clusters, table, metrics, {k: v for k, v in replicates.items() if k in kept})


def _together(task: Task, queries: Sequence[Query], given: Mapping[int, Arrays]) -> Mapping[int, Arrays]:
    """The answers of one pass as ``tally`` takes them."""
    if task.together is None or not given:
        return given
    order = sorted(given)
    made = task.together([queries[index] for index in order], [given[index] for index in order])
    return dict(zip(order, made, strict=True))


def _table(task: Task, queries: Sequence[Query], answered: Sequence[Sequence[Arrays]]) -> dict[str, Array]:
    rows = [
        [task.tally(answer, query.truth) for answer in passes]
        for query, passes in zip(queries, answered, strict=True)
    ]
    names = rows[0][0].keys()
    return {
        name: np.stack(
            [np.mean([np.asarray(row[name], np.float64) for row in passes], axis=0) for passes in rows]
        )
        for name in names
    }
