"""The robust line finds the slope under outliers, and says nothing where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from harness.stats import robust_line

X = np.arange(40.0)


def test_an_exact_line_is_found() -> None:
    line = robust_line(X, 3 + 2 * X)
    assert line is not None
    assert (line.slope, line.intercept) == (pytest.approx(2), pytest.approx(3))


def test_a_fifth_of_slow_ones_hardly_moves_it() -> None:
    rng = np.random.default_rng(0)
    y = 100 + 50 * X + rng.normal(0, 1, len(X))
    y[rng.choice(len(X), 8, replace=False)] += 5000
    line = robust_line(X, y)
    assert line is not None
    assert line.slope == pytest.approx(50, rel=0.01)


def test_it_is_nearly_as_efficient_as_least_squares() -> None:
    rng = np.random.default_rng(1)
    noisy = [2 * X + rng.normal(0, 1, len(X)) for _ in range(400)]
    robust = np.std([line.slope for y in noisy if (line := robust_line(X, y))])
    squares = np.std([np.polyfit(X, y, 1)[0] for y in noisy])
    assert robust < 1.1 * squares


@pytest.mark.parametrize("x", [np.zeros(0), np.zeros(1), np.full(5, 7.0)])
def test_without_two_different_places_there_is_no_line(x: np.ndarray) -> None:
    assert robust_line(x, np.arange(len(x), dtype=float)) is None
