"""Who is as good as the best, and what is said of few data; more of it in bench/few_clusters.py."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from harness.stats import resample_weights
from leaderboards.ranking import BootstrapDraws, Contender, Parity, Ranked, Scale, rank, winners

SCALE = Scale(0.01, (0.0, 1.0))


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[3] / "bench" / "few_clusters.py"
    spec = importlib.util.spec_from_file_location("few_clusters", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["few_clusters"] = module
    spec.loader.exec_module(module)
    return module


def board(scores: np.ndarray, units: int = 10_000, scale: Scale = SCALE) -> list[Ranked]:
    """Rank entries with scores (n, k), one a cluster."""
    k = scores.shape[1]
    weights = resample_weights([str(i) for i in range(k)])[0] / k
    return rank(
        [
            Contender(str(i), float(i), float(row.mean()), BootstrapDraws(weights @ row, k, units))
            for i, row in enumerate(scores)
        ],
        "max",
        scale=scale,
    )


def parity(one: Ranked) -> Parity:
    assert one.parity is not None
    return one.parity


def around(mean: float, k: int, spread: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, spread, k)
    return mean + noise - noise.mean()


def test_a_shared_rank_is_not_enough_for_a_prize() -> None:
    ranked = board(np.stack([around(0.6, 12, 0.2, 1), around(0.55, 12, 0.2, 2)]))
    assert [one.rank for one in ranked] == [1, 1]
    assert parity(ranked[0]).leads and parity(ranked[0]).eligible
    other = parity(ranked[1])
    assert not other.eligible and not other.as_good
    assert other.needed is not None and other.needed > 12
    assert winners(ranked, share=0.0, margin=0.01).accuracy == ("0",)


def test_an_entry_that_differs_little_is_as_good() -> None:
    base = around(0.6, 30, 0.2, 1)
    ranked = board(np.stack([base, base - 0.002 + around(0, 30, 0.005, 2)]))
    assert [parity(one).eligible for one in ranked] == [True, True]
    assert parity(ranked[1]).needed is None
    # A tenth of the clusters, or of the scored units, and nobody has shown it.
    assert not parity(board(np.stack([base, base - 0.002])[:, :4])[1]).eligible
    assert not parity(board(np.stack([base, base - 0.002 + around(0, 30, 0.005, 2)]), units=100)[1]).eligible
    # Without a margin only the best is eligible.
    none = board(np.stack([base, base - 0.002 + around(0, 30, 0.005, 2)]), scale=Scale())
    assert [parity(one).eligible for one in none] == [True, False]


def test_significantly_worse_by_less_than_the_margin_is_as_good_as_the_best() -> None:
    base = around(0.6, 200, 0.2, 1)
    ranked = board(np.stack([base, base - 0.004 + around(0, 200, 0.005, 2)]))
    assert [one.rank for one in ranked] == [1, 2]
    assert parity(ranked[1]).eligible and parity(ranked[1]).leads


@pytest.mark.parametrize(("clusters", "rank_of_empty"), [(3, 1), (4, 1), (5, 2), (30, 2)])
def test_an_entry_that_finds_nothing_wins_nothing(clusters: int, rank_of_empty: int) -> None:
    scores = np.stack([around(0.4, clusters, 0.1), np.zeros(clusters)])
    ranked = board(scores)
    assert [one.rank for one in ranked] == [1, rank_of_empty]
    won = winners(ranked, share=1.0, margin=0.03)
    assert won.accuracy == ("0",) and "1" not in won.performance
    assert winners(board(np.zeros((2, clusters))), share=1.0, margin=0.03).accuracy == ()


def test_draws_that_cannot_be_used_tell_nobody_apart() -> None:
    first, second = board(np.stack([around(0.6, 30, 0.1, 1), around(0.3, 30, 0.1, 2)]))
    draws = second.contender.draws
    assert draws is not None and second.rank == 2
    holed = BootstrapDraws(np.where(np.arange(1000) % 20 == 0, np.nan, draws.draws), 30)
    undefined = Contender("1", 1.0, second.contender.value, holed)
    assert [one.rank for one in rank([first.contender, undefined], "max", scale=SCALE)] == [1, 1]


def test_older_draws_over_other_clusters_tell_nobody_apart() -> None:
    first, second = board(np.stack([around(0.6, 30, 0.1, 1), around(0.3, 30, 0.1, 2)]))
    older = replace(second.contender, draws=BootstrapDraws(np.linspace(0.2, 0.4, 1000), 90))
    ranked = rank([first.contender, older], "max", scale=SCALE)
    assert [one.rank for one in ranked] == [1, 1] and not parity(ranked[1]).eligible
    with pytest.raises(ValueError, match="different resamples"):
        newer = replace(older, draws=BootstrapDraws(np.linspace(0.2, 0.4, 1000), 90, 400))
        rank([first.contender, newer], "max", scale=SCALE)


def test_boards_of_few_positive_clusters_say_what_is_true(bench: ModuleType) -> None:
    """A tenth of the boards of the bench; its numbers are in docs/statistics.md."""
    for clusters, positive, n in ((7, 3, 15), (20, 5, 200)):
        setting = bench.Setting(clusters, positive, n)
        tally, gap = bench.simulate(np.random.default_rng(7), setting, 50, 0.002)
        assert gap == pytest.approx(0.02, abs=0.004)
        assert tally.prize == tally.outside == tally.false_tier == 0
        assert tally.shared == (50 if positive < 5 else 0)
        assert tally.worse_eligible <= 3
        assert min(tally.covered, tally.difference_covered) >= 43
