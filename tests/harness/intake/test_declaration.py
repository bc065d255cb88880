"""A mistake in a task's declaration is found when its file is loaded, and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.intake.declaration import first_mistake
from harness.intake.lookup import find_task, task_names
from harness.spec import BoardOptions, Reporting, Task


@pytest.mark.parametrize("name", task_names())
def test_the_shipped_tasks_have_none(name: str) -> None:
    assert first_mistake(find_task(name)) is None


def quality(**changes: Any) -> Callable[[Task], Task]:
    return lambda task: replace(task, quality=replace(task.quality, **changes))


def metric(**changes: Any) -> Callable[[Task], Task]:
    return lambda task: quality(metrics=(replace(task.quality.metrics[0], **changes),))(task)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (quality(metrics=()), "declares no metric"),
        (
            lambda task: quality(metrics=2 * task.quality.metrics)(task),
            "'accuracy' is declared 2 times",
        ),
        (quality(ranked="f2"), "quality.ranked names 'f2', which is no metric of task 'tiny'"),
        (metric(source=None), "metric 'accuracy' is declared and never computed"),
        (metric(goal="best"), "metric 'accuracy' has the goal 'best'"),
        (
            lambda task: replace(task, reporting=Reporting(board=BoardOptions(columns=("loss",)))),
            "reporting.board.columns names 'loss'",
        ),
        (
            lambda task: replace(task, execution=replace(task.execution, profiles=("cpu", "phone"))),
            "profile 'phone' is unknown",
        ),
    ],
)
def test_a_mistake_is_named(tiny: Task, change: Callable[[Task], Task], told: str) -> None:
    assert told in (first_mistake(change(tiny)) or "")
