from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from harness.stats import Difference, paired_difference, resample_weights

ITEMS = 3000


def compare(a: np.ndarray, b: np.ndarray) -> Difference:
    k = len(a)
    weights, _ = resample_weights([str(i) for i in range(k)])
    replicates = [(weights @ x / k).astype(np.float32) for x in (a, b)]
    return paired_difference(replicates[0], replicates[1], float(a.mean()), float(b.mean()), k)


def discordant(wins: int, losses: int) -> Difference:
    """The test of two classifiers on 3,000 items that differ on wins + losses of them."""
    a, b = np.zeros(ITEMS), np.zeros(ITEMS)
    a[:wins] = 1
    b[wins : wins + losses] = 1
    return compare(a, b)


@pytest.mark.parametrize(("wins", "losses"), [(40, 20), (70, 50), (120, 80), (30, 28)])
def test_one_item_a_cluster_is_mcnemars_test(wins: int, losses: int) -> None:
    mcnemar = 2 * stats.norm.sf(abs(wins - losses) / np.sqrt(wins + losses))
    found = discordant(wins, losses)
    assert found.p_value == pytest.approx(mcnemar, abs=0.03)
    assert found.value == pytest.approx((wins - losses) / ITEMS)
    assert discordant(losses, wins).p_value == pytest.approx(found.p_value, abs=0.03)


@pytest.mark.parametrize("wins", [1, 2, 3, 4, 5])
def test_a_handful_of_items_is_no_lead(wins: int) -> None:
    # The exact test gives 2 ** (1 - wins) at best: 0.0625 for five.
    assert discordant(wins, 0).p_value > 0.05


def test_p_value_and_interval_agree() -> None:
    for wins in range(20, 60, 3):
        found = discordant(wins, 30)
        assert found.low is not None and found.high is not None
        assert (found.low <= 0 <= found.high) == (found.p_value >= 0.05)


def test_identical_answers_are_no_difference() -> None:
    a = np.random.default_rng(0).random(50)
    found = compare(a, a)
    assert (found.value, found.p_value, found.low) == (0, 1, None)


@given(st.integers(2, 5), st.integers(0, 1000))
def test_five_clusters_never_tell_two_apart(k: int, seed: int) -> None:
    a = np.random.default_rng(seed).random(k)
    assert compare(a, a - 1).p_value >= 0.05
    assert compare(a, np.zeros(k)).p_value >= 0.05


def test_nothing_is_said_of_one_cluster_or_of_what_is_not_a_number() -> None:
    draws = np.linspace(0, 1, 100)
    assert paired_difference(draws, draws / 2, 1.0, 0.5, clusters=1).p_value == 1
    holed = np.where(draws < 0.5, np.nan, draws)
    assert paired_difference(draws, holed, 1.0, 0.5, clusters=50).p_value == 1


@pytest.mark.parametrize("k", [8, 10, 30])
def test_few_clusters_keep_the_level(k: int) -> None:
    rng = np.random.default_rng(5)
    weights, _ = resample_weights([str(i) for i in range(k)])
    found = [
        paired_difference(weights @ d / k, np.zeros(1000), float(d.mean()), 0.0, k).p_value < 0.05
        for d in rng.normal(size=(800, k))
    ]
    assert np.mean(found) <= 0.07


def test_a_difference_stays_within_what_it_can_be() -> None:
    weights, _ = resample_weights([str(i) for i in range(3)])
    a, b = np.array([0.9, 0.1, 0.6]), np.array([0.1, 0.5, 0.2])
    draws = weights @ a / 3, weights @ b / 3
    free = paired_difference(*draws, float(a.mean()), float(b.mean()), 3)
    assert free.low is not None and free.high is not None and free.low < -1 and free.high > 1
    bounded = paired_difference(*draws, float(a.mean()), float(b.mean()), 3, bounds=(0.0, 1.0))
    assert (bounded.low, bounded.high, bounded.p_value) == (-1, 1, free.p_value)
