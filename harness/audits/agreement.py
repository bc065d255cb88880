"""Whether two answers to one query are the same answer, and whether two passes score the same.

Integers, text and truth values must be equal; floats may differ as sums in another order do. Where too
many differ (dropout, a race in a kernel) the scores decide, as in MLPerf's TEST01: another
answer that is as good is no cheat.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec import Task

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

RELATIVE = 1e-3
MOST_DIFFERING = 0.10
SCORE = 0.05
"""How far apart the metrics of two passes may lie, as a share of the larger one."""


def same(one: Arrays, other: Arrays) -> bool:
    """Whether two answers are equal up to rounding."""
    a, b = _named(one), _named(other)
    return a.keys() == b.keys() and all(_close(a[name], b[name]) for name in a)


def differing(task: Task, pairs: Sequence[tuple[Arrays, Arrays]]) -> int:
    """How many pairs of answers are not the same answer."""
    agree = task.agree or same
    return sum(not agree(one, other) for one, other in pairs)


def judged(task: Task, pairs: Sequence[tuple[Arrays, Arrays, Any]]) -> tuple[bool, str]:
    """Whether the timed answers (first) and others (second) to the same queries (truth third) agree."""
    count = differing(task, [(one, other) for one, other, _ in pairs])
    found = f"{count} of {len(pairs)} answers differ"
    if count <= MOST_DIFFERING * len(pairs):
        return True, found
    if task.together:
        return False, found
    first, second = (
        _score(task, [(pair[side], pair[2]) for pair in pairs])
        for side in (0, 1)
    )  # fmt: skip
    alike = all(
        abs(first[name] - second[name]) <= SCORE * max(abs(first[name]), abs(second[name])) for name in first
    )
    return alike, f"{found}, and the scores {'do not' if alike else 'do, too'}"


def _score(task: Task, answers: Sequence[tuple[Arrays, Any]]) -> dict[str, float]:
    rows = [task.tally(answer, truth) for answer, truth in answers]
    sums = {
        name: np.sum([np.asarray(row[name], np.float64) for row in rows], axis=0)[None] for name in rows[0]
    }
    found = {name: float(value[0]) for name, value in task.aggregate(sums).items()}
    return {name: value for name, value in found.items() if np.isfinite(value)}


def _named(answer: Arrays) -> Mapping[str, Array]:
    return answer if isinstance(answer, Mapping) else {"": answer}


def _close(a: Array, b: Array) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.kind not in "fc" and b.dtype.kind not in "fc":
        return bool(np.array_equal(a, b))
    size = float(np.abs(a).max(initial=0))
    return bool(np.allclose(a, b, rtol=RELATIVE, atol=RELATIVE * size, equal_nan=True))
