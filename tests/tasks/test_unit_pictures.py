"""Every shipped task draws the units that an entry got worst, and draws what the entry answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import cv2
import numpy as np
import pytest

from harness.figures.evaluation import examples, worst_units
from harness.intake.lookup import find_task, task_names
from harness.record.units import picture_name
from harness.scoring.scores import Scores, score
from harness.spec import Query, Task
from tasks.ssl import scoring
from tests.tasks.answered import MAKERS, WRONG, Answered, answered, span


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit few probes: what they name is plain here."""
    monkeypatch.setattr(scoring, "DRAWS", {1: 2, 10: 2, 50: 2})


def judged(task: Task, make: Callable[[int, bool], Answered], wrong: bool) -> tuple[list[Query], Scores]:
    queries, raw = answered(make, wrong)
    checked = {at: task.answer.check(raw[at], query) for at, query in enumerate(queries)}
    return queries, score(task, queries, [checked], "public")


def drawn(task: Task, make: Callable[[int, bool], Answered], wrong: bool) -> Mapping[str, bytes]:
    return examples(task, *judged(task, make, wrong))


def assert_the_worst_is_drawn(task: Task, make: Callable[[int, bool], Answered]) -> None:
    queries, scores = judged(task, make, wrong=True)
    assert worst_units(task, scores)[0] == WRONG
    files = examples(task, queries, scores)
    shown = [[name for name in files if name.startswith(picture_name(query.id))] for query in queries]
    assert all(shown), f"of three units {list(files)} are all that is drawn"
    worst = shown[WRONG]
    for name in worst:
        picture = cv2.imdecode(np.frombuffer(files[name], np.uint8), cv2.IMREAD_COLOR)
        assert picture.std() > 1, f"{name} is blank"
    right = drawn(task, make, wrong=False)
    assert any(files[name] != right[name] for name in worst), "the picture does not show the answer"


@pytest.mark.parametrize("name", task_names())
def test_a_task_draws_its_worst_unit(name: str) -> None:
    assert name in MAKERS, f"tests/tasks/answered.py has no units of {name}"
    assert_the_worst_is_drawn(find_task(name), MAKERS[name])


def test_streams_of_numbers_have_pictures_too() -> None:
    assert_the_worst_is_drawn(find_task("drift"), partial(span, shape=(11,)))


def test_rows_that_tell_what_was_learnt_from_are_not_drawn() -> None:
    task = find_task("recommender")
    queries, raw = answered(MAKERS["recommender"], wrong=False)
    for query in queries:
        query.truth.pair[:] = 0
    assert task.reporting.examples is not None
    assert task.reporting.examples(queries, raw) == {}
