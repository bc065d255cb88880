from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binom

from harness.stats import percentile_bound


@pytest.mark.parametrize(
    ("p", "confidence", "needed"), [(0.9, 0.95, 29), (0.9, 0.99, 44), (0.99, 0.95, 299), (0.99, 0.99, 459)]
)
def test_the_smallest_sample_that_gives_a_bound_gives_its_maximum(
    p: float, confidence: float, needed: int
) -> None:
    samples = np.arange(needed, dtype=float)
    assert percentile_bound(samples, p, confidence) == needed - 1
    assert percentile_bound(samples[1:], p, confidence) is None


def test_by_hand() -> None:
    # Binomial(46, 0.1): P(0) = 0.0079, P(<= 1) = 0.0480, P(<= 2) = 0.1375: t = 1, the second largest.
    assert percentile_bound(list(range(46)), 0.9) == 44
    assert percentile_bound(list(range(45)), 0.9) == 44


def test_order_does_not_matter_and_nothing_is_changed() -> None:
    samples = [3.0, 1.0, 2.0] * 20
    assert percentile_bound(samples, 0.5) == percentile_bound(sorted(samples), 0.5)
    assert samples[:3] == [3.0, 1.0, 2.0]


@given(st.integers(0, 3000), st.floats(0.01, 0.999), st.floats(0.5, 0.999))
def test_agrees_with_the_binomial_distribution(n: int, p: float, confidence: float) -> None:
    below = binom.cdf(np.arange(n), n, 1 - p)
    assume(not np.any(np.abs(below - (1 - confidence)) < 1e-9))
    allowed = np.flatnonzero(below < 1 - confidence)
    bound = percentile_bound(np.arange(1.0, n + 1), p, confidence)
    assert bound == (None if len(allowed) == 0 else n - allowed[-1])


@pytest.mark.parametrize(("n", "p", "confidence"), [(29, 0.9, 0.95), (200, 0.9, 0.95), (1000, 0.99, 0.99)])
def test_covers_the_true_quantile_as_often_as_it_claims(n: int, p: float, confidence: float) -> None:
    draws = np.random.default_rng(3).exponential(size=(4000, n))
    truth = -np.log(1 - p)
    covered = np.mean([percentile_bound(row, p, confidence) >= truth for row in draws])  # type: ignore[operator]
    assert covered >= confidence - 3 * np.sqrt(confidence * (1 - confidence) / len(draws))
    assert covered <= confidence + 0.04


def test_refuses_what_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="NaN"):
        percentile_bound([1.0, float("nan")], 0.9)
    with pytest.raises(ValueError, match="between 0 and 1"):
        percentile_bound([1.0], 90)
    assert percentile_bound([], 0.9) is None
