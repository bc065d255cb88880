"""A real leaderboard: 30 published models on CIFAR-10.1 (Recht et al. 2018), by their own predictions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from harness.stats import bootstrap, paired_difference
from leaderboards.ranking import BootstrapDraws, Contender, Ranked, rank


def board(hits: dict[str, np.ndarray], images: np.ndarray) -> list[Ranked]:
    names = [f"image {i}" for i in images]
    contenders = []
    for name, hit in hits.items():
        table = {"hit": hit[images], "n": np.ones(len(images))}
        draws = bootstrap(table, names, lambda sums: {"accuracy": sums["hit"] / sums["n"]})["accuracy"]
        contenders.append(Contender(name, 0.0, float(hit[images].mean()), BootstrapDraws(draws, len(images))))
    return rank(contenders, "max")


@pytest.fixture(scope="module")
def whole(hits: dict[str, np.ndarray]) -> list[Ranked]:
    return board(hits, np.arange(2021))


def test_accuracies_are_those_computed_directly(hits: dict[str, np.ndarray], whole: list[Ranked]) -> None:
    assert len(whole) == 30
    for one in whole:
        assert one.contender.value == pytest.approx(
            np.count_nonzero(hits[one.contender.id]) / 2021, abs=1e-12
        )
    assert [one.contender.value for one in whole] == sorted(
        (float(h.mean()) for h in hits.values()), reverse=True
    )


def test_ranks_are_tiers(whole: list[Ranked]) -> None:
    count = max(one.tier for one in whole if one.tier is not None)
    assert 4 <= count <= 15
    by_id = {one.contender.id: one.contender for one in whole}
    for one, after in itertools.pairwise(whole):
        a, b = by_id[one.leader or ""], after.contender
        assert a.draws is not None and b.draws is not None and a.value and b.value
        p_value = paired_difference(a.draws.draws, b.draws.draws, a.value, b.value, 2021).p_value
        if after.tier == one.tier:
            assert after.rank == one.rank
        else:
            assert p_value < 0.05
            assert after.rank == 1 + sum(other.tier <= one.tier for other in whole)  # type: ignore[operator]
        if p_value > 0.05:
            assert after.tier == one.tier


def test_public_and_private_images_shake_the_board_up(hits: dict[str, np.ndarray]) -> None:
    images = np.random.default_rng(1).permutation(2021)
    public, private = board(hits, np.sort(images[:606])), board(hits, np.sort(images[606:]))
    positions = {one.contender.id: position for position, one in enumerate(private)}
    moves = [abs(positions[one.contender.id] - position) for position, one in enumerate(public)]
    assert np.count_nonzero(moves) >= 10 and max(moves) >= 3
    ranks = {one.contender.id: one.rank for one in private}
    assert any(ranks[one.contender.id] != one.rank for one in public)
    # Fewer images tell fewer models apart.
    assert (public[-1].tier or 0) <= (private[-1].tier or 0)
