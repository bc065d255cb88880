"""Known ways to know more than the pictures show, each worth nothing. The cheats get more than they could."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from datasets.images import layout
from harness.spec import DataRequest, Prepared, Query
from tasks.ssl.blocks import POOL, TEST, Block
from tasks.ssl.task import task
from tests.tasks.ssl.ssl_scores import Array, accuracy, flat


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return task.dataset.prepare(DataRequest("digits", tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> Sequence[Query]:
    return task.queries(prepared)


@pytest.fixture(scope="module", params=["probe_10", "knn_10"])
def honest(request: pytest.FixtureRequest, queries: Sequence[Query]) -> tuple[str, float]:
    return request.param, accuracy(task, queries, lambda images, block: flat(images), request.param)


@pytest.mark.parametrize(
    "volume", [1.0, *(pytest.param(loud, marks=pytest.mark.slow) for loud in (0.01, 100.0))]
)
@pytest.mark.slow
def test_labels_hidden_in_the_pools_embedding_gain_nothing(
    queries: Sequence[Query], honest: tuple[str, float], volume: float
) -> None:
    """The labels of all pool pictures, known to a cheat that tells them from test pictures without fail."""

    def hiding(images: Array, block: Block) -> Array:
        hidden = volume * np.eye(10)[block.labels] * (block.kind == POOL)[:, None]
        return np.concatenate([flat(images), hidden], axis=1)

    metric, value = honest
    assert accuracy(task, queries, hiding, metric) <= value + 0.5


@pytest.mark.slow
def test_published_pictures_are_not_found_again(
    prepared: Prepared, queries: Sequence[Query], honest: tuple[str, float]
) -> None:
    """The whole published test set with its labels, looked up byte by byte."""
    held = layout.read(prepared.public, prepared.private)
    published = dict(zip([picture.tobytes() for picture in held.test], held.test_labels, strict=True))
    found = 0

    def looking_up(images: Array, block: Block) -> Array:
        nonlocal found
        known = [int(published.get(image.tobytes(), 10)) for image in images]
        found += sum(label < 10 for label in known)
        return np.concatenate([flat(images), 100 * np.eye(11)[known]], axis=1)

    metric, value = honest
    assert accuracy(task, queries, looking_up, metric) <= value + 0.5
    assert found == 0


def test_a_picture_is_not_asked_twice_alike(queries: Sequence[Query]) -> None:
    """Nor do the bytes of one block help with another's, or with the pool as it lies in the open."""
    seen = [image.tobytes() for query in queries for image in np.asarray(query.load())]
    assert len(set(seen)) == len(seen)


@pytest.mark.slow
def test_the_place_in_a_block_tells_nothing(prepared: Prepared, queries: Sequence[Query]) -> None:
    """The labels in the published order, answered in the order asked."""
    labels = layout.read(prepared.public, prepared.private).test_labels
    asked = 0

    def by_place(images: Array, block: Block) -> Array:
        nonlocal asked
        told = labels[(asked + np.arange(len(images))) % len(labels)]
        asked += len(images)
        return np.eye(10)[told]

    assert accuracy(task, queries, by_place) < 20
    assert accuracy(task, queries, lambda images, block: np.eye(len(images), 200)) < 20


def test_the_kind_of_a_picture_tells_no_class(queries: Sequence[Query]) -> None:
    assert accuracy(task, queries, lambda images, block: np.eye(3)[block.kind]) < 20


def test_an_embedding_that_is_the_label_would_be_seen_through_the_probe(queries: Sequence[Query]) -> None:
    """What the cheats are after: with the labels of the test pictures the score is full."""
    assert accuracy(task, queries, lambda images, block: np.eye(10)[block.labels]) == 100
    assert any((query.truth.kind == TEST).any() for query in queries)
