"""How the tests of task ssl ask a model and score what it says, in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from harness.scoring.scores import Scores, score
from harness.spec import Query, Task
from tasks.ssl.blocks import Block

Array = np.ndarray[Any, np.dtype[Any]]
Model = Callable[[Array, Block], Any]


def flat(images: Array) -> Array:
    return np.asarray(images, np.float32).reshape(len(images), -1) / 255


def scored(task: Task, queries: Sequence[Query], model: Model) -> Scores:
    """Scores of a model that is also given the truth, which none of them has but the cheats of a test."""
    answers = {
        index: task.answer.check(model(np.asarray(query.load()), query.truth), query)
        for index, query in enumerate(queries)
    }
    return score(task, queries, [answers], "public")


def accuracy(task: Task, queries: Sequence[Query], model: Model, metric: str = "probe_10") -> float:
    value = scored(task, queries, model).metrics[metric].value
    assert value is not None
    return value
