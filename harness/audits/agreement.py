"""Decide whether two answers to one query are the same answer, and whether two passes score the same.

Integers, text and truth values must be equal; floats may differ as sums in another order do. Where too
many differ (dropout, a race in a kernel), the scores decide, as in MLPerf's TEST01: a different answer
that is as good is not a cheat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from harness.audits.plugin import Seen, Setting
from harness.spec import Task

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

RELATIVE = 1e-3
MOST_DIFFERING = 0.10
SCORE = 0.05
"""How far apart the metrics of two passes may lie, as a share of the larger one."""
ERRORS = 3.0
"""The same in standard errors: a dozen queries tell a score only roughly."""

Pair: TypeAlias = "tuple[Arrays, Arrays, Any]"
"""Two answers to one query, and its truth."""


def not_comparable(task: Task) -> str | None:
    """Say why answers of two processes need not agree; None where they must."""
    if task.answer.agree is not None:
        return None
    beside = "answers are judged beside one another, not one by one" if task.quality.across else ""
    return task.interaction.incomparable or beside or None


def same(one: Arrays, other: Arrays) -> bool:
    """Whether two answers are equal up to rounding."""
    a, b = _named(one), _named(other)
    return a.keys() == b.keys() and all(_close(a[name], b[name]) for name in a)


def differing(task: Task, pairs: Sequence[Pair]) -> int:
    """How many pairs of answers are not the same answer."""
    agree = task.answer.agree or same
    return sum(not agree(one, other) for one, other, _ in pairs)


def few(count: int, pairs: Sequence[Pair]) -> bool:
    """Whether so few answers differ that chance explains it."""
    return count <= MOST_DIFFERING * len(pairs)


def score_alike(task: Task, pairs: Sequence[Pair]) -> bool:
    """Whether the first and the second answers are worth the same, as far as so few can tell.

    The standard error of the difference is the jackknife's over queries (Efron and Tibshirani 1993, ch. 11).
    """
    rows = [[_row(task, pair[side], pair[2]) for pair in pairs] for side in (0, 1)]
    totals = [{name: sum(row[name] for row in side) for name in side[0]} for side in rows]
    first, second = (_metrics(task, total) for total in totals)
    without = [
        [_metrics(task, {name: total[name] - row[name] for name in total}) for row in side]
        for side, total in zip(rows, totals, strict=True)
    ]
    for name in first.keys() & second.keys():
        drops = np.array([one.get(name, 0) - two.get(name, 0) for one, two in zip(*without, strict=True)])
        error = float(np.sqrt((len(drops) - 1) * drops.var()))
        largest = max(abs(first[name]), abs(second[name]))
        if abs(first[name] - second[name]) > max(SCORE * largest, ERRORS * error):
            return False
    return True


def _row(task: Task, answer: Arrays, truth: Any) -> dict[str, Array]:
    return {name: np.asarray(value, np.float64) for name, value in task.quality.tally(answer, truth).items()}


def _metrics(task: Task, sums: Mapping[str, Any]) -> dict[str, float]:
    metrics = task.quality.resampled({name: np.asarray(value)[None] for name, value in sums.items()})
    return {name: float(value[0]) for name, value in metrics.items() if np.isfinite(value[0])}


def _named(answer: Arrays) -> Mapping[str, Array]:
    return answer if isinstance(answer, Mapping) else {"": answer}


def _close(a: Array, b: Array) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.kind not in "fc" and b.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    size = float(np.abs(a).max(initial=0, where=np.isfinite(a)))
    return bool(np.allclose(a, b, rtol=RELATIVE, atol=RELATIVE * size, equal_nan=True))


def with_timed(setting: Setting, seen: Sequence[Seen]) -> list[Pair]:
    """Return for each query the timed answer, the one seen now, and the truth."""
    return [
        (setting.timed[each.step.query], each.answer, setting.queries[each.step.query].truth)
        for each in seen
        if each.step.query is not None and each.answer is not None
    ]
