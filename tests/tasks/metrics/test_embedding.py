"""The probe is scikit-learn's, the neighbours vote, and a collapsed embedding shows in every measure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from tasks.metrics import embedding

Array = np.ndarray[Any, np.dtype[Any]]
TRAINED = 1000


@pytest.fixture(scope="module")
def digits() -> tuple[Array, Array]:
    held = load_digits()
    return held.data.astype(np.float64), held.target.astype(np.int64)


@pytest.mark.parametrize("per_class", [1, 10, 50, pytest.param(None, marks=pytest.mark.slow)])
@pytest.mark.parametrize("width", [8, 64, pytest.param(200, marks=pytest.mark.slow)])
def test_the_probe_equals_scikit_learns(
    digits: tuple[Array, Array], per_class: int | None, width: int
) -> None:
    pictures, labels = digits
    turned = np.maximum(pictures @ np.random.default_rng(width).normal(size=(64, width)), 0)
    pool, test = embedding.standardise(turned[:TRAINED], turned[TRAINED:])
    for draw in range(3):
        chosen = embedding.label_draw(labels[:TRAINED], per_class, np.random.default_rng(draw))
        fitted = embedding.fit_probe(pool[chosen], labels[chosen], 10)
        theirs = LogisticRegression(C=1.0, tol=1e-8, max_iter=5000).fit(pool[chosen], labels[chosen])
        ours = np.mean(embedding.predict(fitted, test) == labels[TRAINED:])
        assert abs(100 * (ours - theirs.score(test, labels[TRAINED:]))) <= 0.5


def test_a_draw_has_as_many_of_every_class(digits: tuple[Array, Array]) -> None:
    _, labels = digits
    draws = [embedding.label_draw(labels, 10, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert np.bincount(labels[draws[0]]).tolist() == [10] * 10
    assert len(set(draws[0].tolist())) == 100
    assert (draws[0] == draws[1]).all()
    assert (draws[0] != draws[2]).any()
    assert len(embedding.label_draw(labels, None, np.random.default_rng(0))) == len(labels)


def test_a_feature_that_never_changes_says_nothing() -> None:
    pool = np.array([[3.0, 1.0], [3.0, 2.0], [3.0, 3.0]], np.float32)
    (flat,) = embedding.standardise(pool)
    assert (flat[:, 0] == 0).all()
    assert flat[:, 1].std() == pytest.approx(1)


def test_the_nearest_neighbours_are_scikit_learns(digits: tuple[Array, Array]) -> None:
    pictures, labels = digits
    vote = KNeighborsClassifier(
        embedding.NEIGHBOURS,
        metric="cosine",
        weights=lambda distance: np.exp(-distance / embedding.TEMPERATURE),
        algorithm="brute",
    ).fit(pictures[:TRAINED], labels[:TRAINED])
    ours = embedding.nearest(pictures[:TRAINED], labels[:TRAINED], pictures[TRAINED:], 10)
    assert np.mean(ours == vote.predict(pictures[TRAINED:])) > 0.995


def test_the_effective_rank_counts_directions() -> None:
    chance = np.random.default_rng(0)
    turn = np.linalg.qr(chance.normal(size=(32, 32)))[0]
    for count in (1, 4, 32):
        rows = chance.normal(size=(20_000, count)) @ turn[:count]
        assert embedding.effective_rank(rows + 5) == pytest.approx(count, rel=0.01)
    assert embedding.effective_rank(np.full((100, 8), 0.3, np.float32)) == 0


def test_uniformity_and_alignment_at_their_ends() -> None:
    chance = np.random.default_rng(0)
    same, round_ = np.ones((200, 64)), chance.normal(size=(1000, 512))
    assert embedding.uniformity(same) == pytest.approx(0, abs=1e-9)
    assert embedding.uniformity(round_) == pytest.approx(-4, abs=0.05)
    assert embedding.alignment(round_, 2 * round_) == pytest.approx(0, abs=1e-9)
    assert embedding.alignment(round_, -round_) == pytest.approx(4)


def test_a_collapsed_encoder_is_named() -> None:
    assert embedding.collapse(40.0, 128) is None
    named = embedding.collapse(1.3, 128)
    assert named is not None
    assert "collapsed encoder" in named
