from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import studentized_range

from harness.stats import paired_difference, resample_weights
from leaderboards.ranking import BootstrapDraws, Contender, Ranked, rank
from leaderboards.ranking.tiers import range_bar

K = 200
WEIGHTS = resample_weights([str(i) for i in range(K)])[0].astype(float)


def entry(name: str, scores: np.ndarray, **other: object) -> Contender:
    """A contender whose metric is the mean of its scores (k,), one a cluster."""
    fields = {
        "started": started(name),
        "value": float(scores.mean()),
        "draws": BootstrapDraws((WEIGHTS @ scores / K).astype(np.float32), K),
    }
    return Contender(id=name, **{**fields, **other})  # type: ignore[arg-type]


def started(name: str) -> float:
    """A moment, the earlier the earlier the name comes in the alphabet."""
    return float(int.from_bytes(name[:4].ljust(4, "\0").encode(), "big"))


def around(mean: float, seed: int, spread: float = 0.1) -> np.ndarray:
    """Scores (k,) of exactly this mean."""
    noise = np.random.default_rng(seed).normal(0, spread, K)
    return mean + noise - noise.mean()


def ranks(board: list[Ranked]) -> dict[str, int | None]:
    return {one.contender.id: one.rank for one in board}


def test_shared_ranks_count_those_above() -> None:
    means = {"a": 0.902, "b": 0.901, "c": 0.9, "d": 0.802, "e": 0.801, "f": 0.5}
    board = rank([entry(name, around(mean, i)) for i, (name, mean) in enumerate(means.items())], "max")
    assert ranks(board) == {"a": 1, "b": 1, "c": 1, "d": 4, "e": 4, "f": 6}
    assert [one.tier for one in board] == [1, 1, 1, 2, 2, 3]
    assert [one.leader for one in board] == ["a", "a", "a", "d", "d", "f"]
    assert board[0].p_value is None and board[1].p_value is not None and board[1].p_value > 0.05


def test_p_value_is_the_paired_tests() -> None:
    a, b = entry("a", around(0.91, 1)), entry("b", around(0.9, 2))
    alone = paired_difference(a.draws.draws, b.draws.draws, a.value, b.value, K)  # type: ignore[union-attr,arg-type]
    board = rank([b, a], "max")
    assert board[1].p_value == pytest.approx(alone.p_value, rel=1e-6)


def test_small_leads_show_where_the_answers_are_nearly_the_same() -> None:
    base = around(0.9, 3)
    nudged = base - 0.002 + around(0, 4, spread=0.005)
    assert ranks(rank([entry("a", base), entry("b", nudged)], "max")) == {"a": 1, "b": 2}
    assert ranks(rank([entry("a", base), entry("b", around(0.898, 5))], "max")) == {"a": 1, "b": 1}


def test_less_is_better_where_the_metric_says_so() -> None:
    board = rank([entry("a", around(0.9, 1)), entry("b", around(0.5, 2))], "min")
    assert [(one.contender.id, one.rank) for one in board] == [("b", 1), ("a", 2)]


def test_what_has_no_value_is_never_ranked() -> None:
    scores = around(0.5, 1)
    board = rank(
        [
            entry("none", scores, value=None),
            entry("nan", scores, value=math.nan),
            entry("inf", scores, value=math.inf),
            entry("invalid", scores, validity="invalid"),
            entry("low", around(0.1, 2)),
            entry("good", scores),
        ],
        "max",
        gate=0.2,
    )
    assert ranks(board) == {"good": 1, "inf": None, "invalid": None, "low": None, "nan": None, "none": None}
    # Contenders without a rank come last, the latest first.
    assert [(one.contender.id, one.obstacle) for one in board] == [
        ("good", ""),
        ("none", "no value"),
        ("nan", "no value"),
        ("low", "gate"),
        ("invalid", "invalid"),
        ("inf", "no value"),
    ]
    assert rank([], "max") == []


def test_the_earlier_comes_first_on_equal_values() -> None:
    scores = around(0.5, 1)
    late, early = entry("x", scores, started=2.0), entry("y", scores, started=1.0)
    board = rank([late, early], "max")
    assert [(one.contender.id, one.rank) for one in board] == [("y", 1), ("x", 1)]


@pytest.mark.parametrize(("mean", "expected"), [(0.95, 1), (0.9, 1), (0.6, 3), (0.5, 3), (0.1, 5)])
def test_the_reference_shows_its_rank_and_takes_none_from_others(mean: float, expected: int) -> None:
    means = {"a": 0.9, "b": 0.9, "c": 0.5, "d": 0.5}
    teams = [entry(name, around(m, i)) for i, (name, m) in enumerate(means.items())]
    reference = entry("reference", around(mean, 9), reference=True)
    with_reference = ranks(rank([*teams, reference], "max"))
    assert with_reference.pop("reference") == expected
    assert with_reference == ranks(rank(teams, "max")) == {"a": 1, "b": 1, "c": 3, "d": 3}


def test_a_board_of_references_alone() -> None:
    references = [
        entry(name, around(m, i), reference=True) for i, (name, m) in enumerate({"p": 0.9, "q": 0.1}.items())
    ]
    assert ranks(rank(references, "max")) == {"p": 1, "q": 1}


def test_without_draws_values_rank() -> None:
    values = {"a": 0.9, "b": 0.9, "c": 0.8, "d": 0.8, "e": 0.7}
    board = rank([Contender(name, 0.0, value) for name, value in values.items()], "max")
    assert ranks(board) == {"a": 1, "b": 1, "c": 3, "d": 3, "e": 5}


def test_too_few_clusters_tell_nobody_apart() -> None:
    for k, last in ((5, 1), (6, 2)):
        scores = np.random.default_rng(0).normal([[0.9], [0.2]], 0.01, size=(2, k))
        weights = resample_weights([str(i) for i in range(k)])[0] / k
        board = rank(
            [
                Contender(str(i), 0.0, float(s.mean()), BootstrapDraws(weights @ s, k))
                for i, s in enumerate(scores)
            ],
            "max",
        )
        assert [one.rank for one in board] == [1, last]


def test_a_few_undefined_draws_do_no_harm() -> None:
    a, b = entry("a", around(0.9, 1)), entry("b", around(0.5, 2))
    assert b.draws is not None
    holed = np.where(np.arange(1000) < 5, np.nan, b.draws.draws)
    board = rank([a, entry("b", around(0.5, 2), draws=BootstrapDraws(holed, K))], "max")
    assert ranks(board) == {"a": 1, "b": 2}


def test_records_of_different_resamples_cannot_meet() -> None:
    with pytest.raises(ValueError, match="different resamples"):
        a, b = entry("a", around(0.9, 1)), entry("b", around(0.9, 2))
        rank([a, replace(b, draws=replace(b.draws, clusters=7))], "max")  # type: ignore[type-var]


def test_the_bar_is_tukeys() -> None:
    for m in (2, 3, 10, 100, 1000):
        assert range_bar(m, 0.05) == pytest.approx(
            studentized_range.ppf(0.95, m, np.inf) / math.sqrt(2), abs=1e-6
        )
    assert range_bar(2, 0.05) == pytest.approx(1.959964)


boards = st.lists(
    st.tuples(
        st.sampled_from([0.5, 0.7, 0.71, 0.9]), st.integers(0, 5), st.sampled_from([False, False, True])
    ),
    min_size=1,
    max_size=9,
)


def build(rows: list[tuple[float, int, bool]], scale: float = 1) -> list[Contender]:
    return [
        entry(str(i), scale * around(mean, seed), reference=reference)
        for i, (mean, seed, reference) in enumerate(rows)
    ]


@settings(max_examples=40, deadline=None)
@given(boards, st.randoms())
def test_order_of_arrival_does_not_matter(rows: list[tuple[float, int, bool]], random: object) -> None:
    contenders = build(rows)
    shuffled = list(contenders)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert rank(shuffled, "max") == rank(contenders, "max")


@settings(max_examples=40, deadline=None)
@given(boards)
def test_another_unit_or_direction_changes_no_rank(rows: list[tuple[float, int, bool]]) -> None:
    # Scaled by a power of two, so that equal values stay equal to the last bit.
    expected = ranks(rank(build(rows), "max"))
    assert ranks(rank(build(rows, scale=128), "max")) == expected
    assert ranks(rank(build(rows, scale=-1), "min")) == expected


@settings(max_examples=40, deadline=None)
@example([(0.7, 0, True), (0.7, 1, True), (0.71, 0, False)])
@example([(0.7, 1, False), (0.7, 0, False), (0.7, 1, False), (0.71, 0, False)])
@given(boards)
def test_ranks_rise_down_the_board_and_identical_rows_share_theirs(
    rows: list[tuple[float, int, bool]],
) -> None:
    board = rank(build(rows), "max")
    found = [one.rank for one in board if one.rank is not None]
    assert len(found) == len(rows)
    assert found == sorted(found) and found[0] == 1
    seen: dict[tuple[float, int], int | None] = {}
    for one in board:
        row = rows[int(one.contender.id)]
        if not row[2]:
            assert seen.setdefault(row[:2], one.rank) == one.rank
        better = {b.contender.id for b in board if b.rank is not None and one.rank and b.rank < one.rank}
        assert one.rank == 1 + sum(not rows[int(i)][2] for i in better)
