"""When two answers agree, and entries that draw their answers at random."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from harness.audits.agreement import differing, not_comparable, same, score_alike
from harness.audits.checks.repeats import verify as verify_repeats
from harness.audits.plugin import Seen, Setting, Step
from harness.record import Audit
from harness.spec import Prepared, Submission, Task

Write = Callable[..., Submission]


Run = Callable[..., dict[str, Audit]]


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (np.int64(3), np.int64(3), True),
        (np.int64(3), np.int64(4), False),
        (np.array([1.0, 100.0]), np.array([1.00005, 100.0]), True),
        (np.array([1.0, 100.0]), np.array([1.5, 100.0]), False),
        (np.zeros((2, 5)), np.zeros((3, 5)), False),
        (np.zeros((0, 5)), np.zeros((0, 5)), True),
        ({"a": np.ones(2)}, {"a": np.ones(2)}, True),
        ({"a": np.ones(2)}, {"b": np.ones(2)}, False),
        (np.array([np.nan]), np.array([np.nan]), True),
        (np.array(["cat"]), np.array(["cat"]), True),
        (np.array([True]), np.array([False]), False),
    ],
)
def test_answers_agree_up_to_rounding(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal


def test_lots_drawn_by_an_entry_are_told_from_a_worse_one(tiny: Task) -> None:
    """Six wrong of twenty in both passes, but not the same six; then all wrong."""
    right, wrong = np.asarray(1), np.asarray(0)
    lots = [(wrong if i < 6 else right, wrong if i >= 14 else right, 1) for i in range(20)]
    assert differing(tiny, lots) == 12
    assert score_alike(tiny, lots)
    assert not score_alike(tiny, [(one, wrong, truth) for one, _, truth in lots])


def test_an_entry_that_draws_lots_is_not_taken_for_a_cheat(audited: Run, write: Write) -> None:
    source = """
        import random
        import numpy as np
        def build(context):
            chance = random.Random(context.seed)
            return lambda x: np.int64(x.argmax() if chance.random() < 0.5 else 0)
        """
    rng = Random(0)
    found = audited(write(source), lambda query: query.truth if rng.random() < 0.5 else 0)
    assert found["unhurried"].passed
    assert "answers differ" in found["unhurried"].detail
    assert found["unhurried"].detail.endswith("but score the same")


def test_a_task_says_when_answers_agree(tiny: Task) -> None:
    task = replace(tiny, answer=replace(tiny.answer, agree=lambda one, other: True))
    assert differing(task, [(np.asarray(0), np.asarray(1), 1)]) == 0
    alone = replace(tiny, quality=replace(tiny.quality, across=lambda queries, answers: answers))
    assert not_comparable(alone)
    assert not_comparable(replace(alone, answer=task.answer)) is None


def _seen(indices: range, ns: Mapping[bool, int], asked: tuple[int, ...]) -> list[Seen]:
    nothing = np.asarray(0)
    first = [Seen(Step(index), nothing, ns[False], 0.0) for index in asked]
    return first + [Seen(Step(index, alone=True), nothing, ns[index in asked], 0.0) for index in indices]


@pytest.mark.parametrize(
    ("repeat_ns", "fresh_ns", "passed"),
    [
        (1_000_000, 1_000_000, True),
        (700_000, 1_000_000, True),  # warm memory
        (10_000, 40_000, True),  # four times, but nothing worth a cache
        (100_000, 1_000_000, False),
    ],
)
def test_a_cache_is_told_from_warm_memory(
    tiny: Task, prepared: Prepared, repeat_ns: int, fresh_ns: int, passed: bool
) -> None:
    asked = tuple(range(6))
    setting = Setting(tiny, tiny.queries(prepared), {}, asked, tuple(range(6, 12)), 0)
    seen = _seen(range(12), {True: repeat_ns, False: fresh_ns}, asked)
    assert verify_repeats(setting, seen)[0] is passed
