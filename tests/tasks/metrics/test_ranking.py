"""AUC and log-loss against scikit-learn's, with ties, and their additive form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sklearn import metrics as oracle

from tasks.metrics import ranking

Array = np.ndarray[Any, np.dtype[Any]]
LEVELS = st.integers(0, 12).map(lambda level: level / 12)
"""Few values: most pairs tie, and both ends of the scale are met."""


@st.composite
def scored(draw: st.DrawFn) -> tuple[Array, Array]:
    """Labels with both classes, and scores in float32 or float64 that often tie."""
    n = draw(st.integers(2, 60))
    label = draw(hnp.arrays(np.uint8, n, elements=st.integers(0, 1)))
    label[0], label[-1] = 0, 1
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    smooth = st.floats(0, 1, width=32)
    return label, draw(hnp.arrays(dtype, n, elements=draw(st.sampled_from([LEVELS.map(dtype), smooth]))))


@given(scored())
@settings(max_examples=200, deadline=None)
def test_auc_is_scikit_learns(case: tuple[Array, Array]) -> None:
    label, score = case
    assert ranking.auc(label, score) == pytest.approx(oracle.roc_auc_score(label, score), abs=1e-12)


@given(scored())
@settings(max_examples=200, deadline=None)
def test_log_loss_is_scikit_learns(case: tuple[Array, Array]) -> None:
    label, score = case
    expected = oracle.log_loss(label, score, labels=[0, 1])
    assert ranking.log_loss(label, score) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(scored(), st.integers(1, 5))
@settings(max_examples=100, deadline=None)
def test_rows_of_parts_add_up_to_the_whole(case: tuple[Array, Array], parts: int) -> None:
    label, score = case
    whole = ranking.tally(label, score)
    rows = [
        ranking.tally(*pair)
        for pair in zip(np.array_split(label, parts), np.array_split(score, parts), strict=True)
    ]
    for name, value in whole.items():
        np.testing.assert_allclose(sum(np.asarray(row[name]) for row in rows), value, rtol=1e-12, atol=1e-12)


def test_binned_auc_is_close_to_the_exact_one() -> None:
    chance = np.random.default_rng(0)
    label = (chance.random(20_000) < 0.3).astype(np.uint8)
    score = 1 / (1 + np.exp(-(chance.normal(size=20_000) + label - 1)))
    row = ranking.tally(label, score)
    sums = {name: np.asarray(value)[None] for name, value in row.items()}
    found = {"auc": ranking.binned_auc(sums), "log_loss": ranking.mean_loss(sums)}
    assert found["auc"][0] == pytest.approx(ranking.auc(label, score), abs=5e-4)
    assert found["log_loss"][0] == pytest.approx(ranking.log_loss(label, score), rel=1e-12)


def test_one_class_has_no_auc() -> None:
    assert np.isnan(ranking.auc(np.ones(4), np.arange(4.0)))


def test_scores_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        ranking.auc(np.array([0, 1]), np.array([0.5, np.nan]))
