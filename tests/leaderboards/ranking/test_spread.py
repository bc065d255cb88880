"""Entries ranked by a value over processes: told apart where their intervals allow it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from leaderboards.ranking import Contender, Scale, Spread, rank

SCALE = Scale(0.03)


def entry(name: str, value: float, half: float | None, processes: int = 5) -> Contender:
    """An entry whose interval reaches ``half`` of its value to either side, on the log scale."""
    ends = (None, None) if half is None else (value * math.exp(-half), value * math.exp(half))
    return Contender(name, 0.0, value, Spread.of(*ends, processes))


def ranks(*entries: Contender, scale: Scale = SCALE) -> list[tuple[str, int | None]]:
    return [(one.contender.id, one.rank) for one in rank(entries, "min", scale=scale)]


def test_overlapping_processes_share_a_rank_and_a_clear_lead_stands_alone() -> None:
    found = ranks(entry("prebatched", 1.1, 0.08), entry("raw_arrow", 1.17, 0.08), entry("fast", 0.3, 0.08))
    assert found == [("fast", 1), ("prebatched", 2), ("raw_arrow", 2)]


def test_a_difference_within_the_margin_never_counts() -> None:
    close = entry("a", 1.0, 0.001), entry("b", 1.02, 0.001)
    assert ranks(*close) == [("a", 1), ("b", 1)]
    assert ranks(*close, scale=Scale()) == [("a", 1), ("b", 2)]


def test_as_good_is_shown_and_not_assumed() -> None:
    tight = rank([entry("a", 1.0, 0.004), entry("b", 1.005, 0.004)], "min", scale=SCALE)
    loose = rank([entry("a", 1.0, 0.1), entry("b", 1.005, 0.1)], "min", scale=SCALE)
    assert [one.parity and one.parity.eligible for one in tight] == [True, True]
    assert [one.parity and one.parity.eligible for one in loose] == [True, False]
    assert [one.rank for one in loose] == [1, 1]


def test_one_process_beside_several_is_not_told_apart() -> None:
    assert ranks(entry("a", 1.0, 0.01), entry("b", 1.5, None)) == [("a", 1), ("b", 1)]
    assert ranks(entry("a", 1.0, None), entry("b", 1.5, None)) == [("a", 1), ("b", 2)]


@pytest.mark.parametrize("ends", [(None, None), (0.0, 1.0), (1.0, 1.0), (-1.0, 1.0), (1.0, math.inf)])
def test_no_interval_is_no_spread(ends: tuple[float | None, float | None]) -> None:
    assert Spread.of(*ends, 5) is None
    assert Spread.of(0.9, 1.1, 1) is None


@pytest.mark.parametrize("entries", [2, 8])
def test_equal_entries_are_rarely_told_apart(entries: int) -> None:
    rng = np.random.default_rng(4)
    boards, told = 400, 0
    for _ in range(boards):
        logs = rng.normal(0.0, 0.05, (entries, 5))
        means, errors = logs.mean(axis=1), logs.std(axis=1, ddof=1) / math.sqrt(5)
        rows = [
            Contender(str(i), 0.0, math.exp(mean), Spread(error, 4.0))
            for i, (mean, error) in enumerate(zip(means, errors, strict=True))
        ]
        told += rank(rows, "min", scale=Scale())[-1].rank != 1
    assert told / boards <= 0.07
