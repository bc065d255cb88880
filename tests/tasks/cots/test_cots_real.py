"""The task on real photographs: people in COCO's pictures stand in for starfish."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.scoring.scores import score
from harness.spec import DataRequest, Query
from tasks.cots.task import task
from tests.tasks.segmentation import photographs

Array = np.ndarray[Any, np.dtype[Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return photographs.make(tmp_path_factory.mktemp("people"))


@pytest.fixture(scope="module")
def queries(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Query]:
    request = DataRequest("full", tmp_path_factory.mktemp("cache"), source=folder)
    return list(task.queries(task.dataset.prepare(request)))


def scored(queries: Sequence[Query], model: Callable[[Query], Array]) -> dict[str, float]:
    whole = [replace(query, split="public") for query in queries]
    answers = {index: task.answer.check(model(query), query) for index, query in enumerate(whole)}
    metrics = score(task, whole, [answers], "public").metrics
    return {name: measure.value or 0.0 for name, measure in metrics.items()}


def oracle(query: Query) -> Array:
    return np.column_stack([np.full(len(query.truth), 0.9), query.truth])


def silence(query: Query) -> Array:
    return np.empty((0, 5))


def test_half_the_pictures_are_asked_about(queries: list[Query]) -> None:
    assert len(queries) == 64
    assert {query.cluster.split("-")[0]: query.split for query in queries} == {"1": "public", "2": "private"}
    assert len({query.cluster for query in queries}) == 16
    assert sum(len(query.truth) for query in queries) > 50


def frame_of(query: Query) -> Array:
    handed: Any = query.load()
    return np.asarray(handed["frame"])


def test_frames_come_in_their_own_sizes(queries: list[Query]) -> None:
    shapes = {frame_of(query).shape for query in queries}
    assert len(shapes) > 5
    assert all(len(shape) == 3 and shape[2] == 3 for shape in shapes)


def test_boxes_lie_on_their_pictures(queries: list[Query]) -> None:
    for query in queries:
        height, width = frame_of(query).shape[:2]
        ends = query.truth[:, :2] + query.truth[:, 2:]
        assert (query.truth[:, :2] > -1).all()
        assert (ends < np.array([width, height]) + 1).all()


@pytest.mark.parametrize("split", ["public", "private"])
def test_a_perfect_oracle_scores_one(queries: list[Query], split: str) -> None:
    asked = [query for query in queries if query.split == split]
    values = scored(asked, oracle)
    assert values["f2"] == 1.0
    assert values["ap"] == pytest.approx(1.0, abs=1e-12)
    assert values["ap50"] == pytest.approx(1.0, abs=1e-12)


def test_an_oracle_in_single_precision_scores_one(queries: list[Query]) -> None:
    assert scored(queries, lambda query: oracle(query).astype(np.float32))["f2"] == 1.0


@pytest.mark.parametrize("split", ["public", "private"])
def test_an_empty_one_scores_zero(queries: list[Query], split: str) -> None:
    assert scored([q for q in queries if q.split == split], silence) == {"f2": 0.0, "ap": 0.0, "ap50": 0.0}


def test_half_an_oracle_lies_between(queries: list[Query]) -> None:
    values = scored(queries, lambda query: oracle(query)[::2])
    assert 0.5 < values["f2"] < 0.9
    assert 0.3 < values["ap"] < 0.9


def test_boxes_a_third_off_are_half_right(queries: list[Query]) -> None:
    """Moved by a third of their width, boxes keep IoU 1/2: five of eleven, but for neighbours in crowds."""

    def moved(query: Query) -> Array:
        rows = oracle(query)
        rows[:, 1] += rows[:, 3] / 3.0001
        return rows

    assert scored(queries, moved)["f2"] == pytest.approx(5 / 11, abs=0.05)
