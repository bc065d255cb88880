"""The line finds the undisturbed slope, and says nothing where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from harness.stats import undisturbed_line

X = np.arange(400.0)


def test_an_exact_line_is_found() -> None:
    line = undisturbed_line(X, 3 + 2 * X)
    assert line is not None
    assert (line.slope, line.intercept) == (pytest.approx(2), pytest.approx(3))


@pytest.mark.parametrize("disturbed", [0.2, 0.5, 0.8])
def test_disturbances_that_grow_with_the_time_do_not_move_it(disturbed: float) -> None:
    rng = np.random.default_rng(0)
    y = 100 + 50 * X + rng.normal(0, 5, len(X))
    hit = rng.random(len(X)) < disturbed
    y[hit] += rng.exponential(0.5, hit.sum()) * y[hit]
    line = undisturbed_line(X, y)
    assert line is not None
    assert line.slope == pytest.approx(50, rel=0.02)


def test_noise_alone_leaves_no_bias() -> None:
    rng = np.random.default_rng(1)
    found = [undisturbed_line(X, 2 * X + rng.normal(0, 3, len(X))) for _ in range(200)]
    slopes = [line.slope for line in found if line]
    assert np.mean(slopes) == pytest.approx(2, abs=3 * np.std(slopes) / 14)
    assert np.std(slopes) < 0.01


def test_two_points_make_a_line_and_one_makes_none() -> None:
    line = undisturbed_line(np.array([1.0, 3.0]), np.array([5.0, 1.0]))
    assert line is not None
    assert (line.slope, line.intercept) == (pytest.approx(-2), pytest.approx(7))
    for x in (np.zeros(0), np.zeros(1), np.full(5, 7.0)):
        assert undisturbed_line(x, np.arange(len(x), dtype=float)) is None
