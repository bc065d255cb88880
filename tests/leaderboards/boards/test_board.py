"""What a board says: rows, ranks, prizes, front, notes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from harness.record import read_record
from leaderboards.boards.board import Board
from leaderboards.boards.records import row_of
from leaderboards.boards.rows import Place, row_from_json, row_to_json
from leaderboards.boards.spec import BoardSpec, PrizeRules

Add = Callable[..., bool]
Cots = Callable[..., Board]


def ranks(board: Board) -> list[tuple[str, str]]:
    return [(row.rank_label, row.entry.name) for row in board.rows]


def test_ranks_follow_the_metric_and_ties_share_one(make_record, add: Add, cots: Cots) -> None:
    for name, f2 in (("low", 0.3), ("high", 0.9), ("nearly", 0.8999)):
        add(make_record(name, f2))
    assert ranks(cots()) == [("1", "high"), ("1", "nearly"), ("3", "low")]


def test_a_metric_where_less_is_better_ranks_the_other_way(
    make_record, add: Add, engine, cots: Cots, cots_spec: BoardSpec
) -> None:
    spec = replace(cots_spec, columns=(replace(cots_spec.columns[0], goal="min"), *cots_spec.columns[1:]))
    for name, f2 in (("low", 0.3), ("high", 0.9)):
        add(make_record(name, f2), spec)
    assert ranks(cots()) == [("1", "low"), ("2", "high")]


def test_a_team_has_one_row_and_it_is_its_best(make_record, add: Add, cots: Cots) -> None:
    add(make_record("first", 0.5, team="reds"))
    add(make_record("second", 0.7, team="reds", minute=1))
    add(make_record("third", 0.6, team="reds", minute=2))
    add(make_record("fourth", 0.7, team="reds", minute=3))
    board = cots()
    assert [(row.entry.name, row.entry.team) for row in board.rows] == [("second", "reds")]
    assert board.total == 1


def test_shipped_entries_and_those_without_a_team_have_a_row_each(make_record, add: Add, cots: Cots) -> None:
    for name, team in (("blob", "photofinish"), ("cnn", "photofinish"), ("a", ""), ("b", "")):
        add(make_record(name, 0.5, team=team))
    add(make_record("a", 0.6, minute=1))
    assert sorted((row.entry.name, row.entry.role) for row in cots().rows) == [
        ("a", ""), ("b", ""), ("blob", "reference"), ("cnn", "baseline"),
    ]  # fmt: skip


def test_the_reference_displaces_nobody_and_wins_nothing(make_record, add: Add, cots: Cots) -> None:
    add(make_record("blob", 0.9, team="photofinish"))
    add(make_record("mine", 0.5))
    board = cots()
    assert ranks(board) == [("1", "blob"), ("1", "mine")]
    assert {prize.entry for prize in board.prizes} == {"mine"}


def test_what_cannot_rank_stands_last_and_says_why(make_record, add: Add, cots: Cots) -> None:
    add(make_record("late", status="timeout", state="invalid", message="build took 121 s", minute=2))
    add(make_record("odd", 0.99, state="invalid", reasons=("the sandbox was unsafe",), minute=1))
    add(make_record("empty", None))
    add(make_record("good", 0.5))
    board = cots()
    assert [(row.rank_label, row.entry.name, row.state.label, row.state.reason) for row in board.rows] == [
        ("1", "good", "valid", ""),
        ("–", "late", "timeout", "build took 121 s"),
        ("–", "odd", "invalid", "the sandbox was unsafe"),
        ("–", "empty", "valid", "no value for F2"),
    ]
    assert {prize.entry for prize in board.prizes} == {"good"}


def test_a_record_that_ranks_replaces_one_that_cannot_and_never_the_other_way(
    make_record, add: Add, cots: Cots
) -> None:
    add(make_record("mine", status="failed", state="invalid", message="boom"))
    add(make_record("mine", 0.5, minute=1))
    add(make_record("mine", status="failed", state="invalid", message="boom", minute=2))
    assert ranks(cots()) == [("1", "mine")]


def test_a_gate_keeps_who_misses_it_from_ranking(
    make_record, add: Add, cots: Cots, cots_spec: BoardSpec
) -> None:
    spec = replace(cots_spec, gate=0.6)
    add(make_record("through", 0.6), spec)
    add(make_record("below", 0.599), spec)
    board = cots()
    assert ranks(board) == [("1", "through"), ("–", "below")]
    assert board.rows[1].state.reason == "F2 0.599 does not reach the required 0.6"


def test_a_provisional_row_is_marked_and_moves_no_valid_one(make_record, add: Add, cots: Cots) -> None:
    add(make_record("valid", 0.5))
    add(make_record("quick", 0.9, state="provisional", reasons=("a quick run",)))
    add(make_record("slow", 0.3, state="provisional"))
    board = cots()
    assert ranks(board) == [("~1", "quick"), ("1", "valid"), ("~3", "slow")]
    assert {(prize.entry, prize.provisional) for prize in board.prizes} == {("valid", False)}
    assert [row.entry.name for row in board.rows if row.pareto] == ["valid"]


def test_prizes_are_provisional_while_nothing_is_valid(make_record, add: Add, cots: Cots) -> None:
    add(make_record("quick", 0.9, state="provisional"))
    add(make_record("other", 0.3, state="provisional"))
    board = cots()
    assert [(p.award, p.entry, p.provisional) for p in board.prizes] == [
        ("accuracy", "quick", True), ("performance", "quick", True),
    ]  # fmt: skip
    assert ranks(board) == [("~1", "quick"), ("~2", "other")]


def test_a_valid_record_stands_for_its_team_before_a_better_provisional_one(
    make_record, add: Add, cots: Cots
) -> None:
    add(make_record("quick", 0.9, team="reds", state="provisional"))
    add(make_record("full", 0.6, team="reds", minute=1))
    add(make_record("quick again", 0.95, team="reds", state="provisional", minute=2))
    assert ranks(cots()) == [("1", "full")]


def test_the_performance_prize_goes_to_the_fastest_of_the_most_accurate(
    make_record, add: Add, cots: Cots, cots_spec: BoardSpec
) -> None:
    spec = replace(cots_spec, prize=PrizeRules(0.5))
    for name, f2, ratio in (("best", 0.9, 1.0), ("fast", 0.8, 0.5), ("weak", 0.5, 0.1), ("last", 0.4, 0.1)):
        add(make_record(name, f2, ratio=ratio), spec)
    board = cots()
    assert [(prize.award, prize.entry) for prize in board.prizes] == [
        ("accuracy", "best"),
        ("performance", "fast"),
    ]
    assert board.awards(board.rows[1]) == ("performance",)
    assert "0.500 × the reference's time, 120 MB" in board.prizes[1].detail


def test_the_front_moves_when_a_row_on_it_is_replaced(make_record, add: Add, cots: Cots) -> None:
    add(make_record("a", 0.9, ratio=1.0))
    add(make_record("b", 0.8, ratio=0.5, team="reds"))
    add(make_record("c", 0.7, ratio=0.6))
    assert [row.entry.name for row in cots().rows if row.pareto] == ["a", "b"]
    # The reds' new best is slow: what their old one beat is on the front again.
    add(make_record("d", 0.85, ratio=2.0, team="reds", minute=1))
    assert [row.entry.name for row in cots().rows if row.pareto] == ["a", "c"]


@pytest.mark.parametrize(
    ("other", "note"),
    [
        ({"task_version": 2}, "2 records of task version 2 are not shown."),
        ({"variant": "full"}, "2 records of other data (reef full) are not shown."),
        ({"sha256": "e" * 64}, "2 records of other reef mini data than dddddddd are not shown."),
        ({"profile": "edge"}, "2 records of profile edge, single stream are not shown."),
    ],
)
def test_records_of_something_else_never_mix(make_record, add: Add, cots: Cots, other, note: str) -> None:
    add(make_record("here", 0.5))
    for name in ("there", "also there"):
        add(make_record(name, 0.9, **other))
    board = cots()
    assert ranks(board) == [("1", "here")]
    assert board.notes == (note,)


def test_a_row_survives_being_stored(make_record, cots_spec: BoardSpec) -> None:
    folder = make_record("<b>", 0.5, team="reds", state="provisional", reasons=("quick",))
    row = row_of(read_record(folder), cots_spec)
    assert row_from_json(row_to_json(row), Place(3, True)) == replace(row, place=Place(3, True))


def test_a_spec_survives_being_stored(cots_spec: BoardSpec) -> None:
    assert BoardSpec.from_json(cots_spec.to_json()) == cots_spec
