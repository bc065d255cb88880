"""What a board says of entries that share a rank, and of data that are too few."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leaderboards.boards.columns import Column
from leaderboards.boards.parity import few_clusters_notes, parity_label, parity_notes, untested_notes
from leaderboards.boards.rows import Cell, Place, Row, RowEntry, RowIsolation, RowState
from leaderboards.boards.spec import BoardSpec, PrizeRules
from leaderboards.ranking import Parity

SPEC = BoardSpec(
    "cots",
    1,
    "Starfish",
    (Column("f2", "F2", "", "max", bounds=(0.0, 1.0)),),
    prize=PrizeRules(score_margin=0.01, clusters="clusters with starfish"),
)


def row(parity: Parity | None, value: float = 0.5, low: float | None = None) -> Row:
    cells = {"f2": Cell(value, low, None if low is None else 1.0)}
    place = Place(1, parity=parity)
    return Row("r", RowEntry("mine"), cells, RowState("ok", "valid"), RowIsolation("none", True), "", place)


@pytest.mark.parametrize(
    ("parity", "label"),
    [
        (Parity(eligible=True, as_good=True, leads=True), "leads"),
        (Parity(eligible=True, as_good=True), "as good"),
        (Parity(eligible=False, as_good=False, needed=1200), "open ~1,200"),
        (Parity(eligible=False, as_good=False), "open"),
        (None, ""),
    ],
)
def test_every_entry_of_a_tier_says_how_it_compares(parity: Parity | None, label: str) -> None:
    assert parity_label(row(parity)) == label


def test_labels_are_explained_where_they_are_shown() -> None:
    good, unsure = row(Parity(eligible=True, as_good=True)), row(Parity(eligible=False, as_good=False))
    (as_good,) = parity_notes([good], SPEC)
    assert "by less than 0.01 in F2" in as_good
    (unsettled,) = parity_notes([unsure], SPEC)
    assert "more clusters with starfish would settle it" in unsettled
    over_processes = replace(SPEC, prize=PrizeRules(score_margin=0.03, clusters="processes"))
    assert "by less than 3% in F2" in next(iter(parity_notes([good], over_processes)))
    assert len(list(parity_notes([good, unsure], SPEC))) == 2
    assert list(parity_notes([row(None)], SPEC)) == []


def test_too_few_clusters_are_counted_and_named() -> None:
    (three,) = few_clusters_notes(3, SPEC)
    assert (
        three.startswith("There are too few clusters with starfish: 3.") and "only the best may win" in three
    )
    (five,) = few_clusters_notes(5, SPEC)
    assert "At least 6 are needed to tell entries apart." in five and "only the best" not in five
    assert few_clusters_notes(6, SPEC) == few_clusters_notes(None, SPEC) == ()


def test_ranks_by_value_alone_are_said_to_be_so() -> None:
    rows = [row(None, 4.01), row(None, 4.38)]
    (note,) = untested_notes(rows, SPEC)
    assert "ranks follow values alone" in note
    assert untested_notes([rows[0], row(None, 4.38, low=0.4)], SPEC) == ()
    assert untested_notes([rows[0], rows[0]], SPEC) == ()
    unranked = replace(rows[1], place=Place())
    assert untested_notes([rows[0], unranked], SPEC) == ()


def test_specs_of_earlier_versions_are_read() -> None:
    assert BoardSpec.from_json(SPEC.to_json()) == SPEC
    stored = SPEC.to_json().replace(', "score_margin": 0.01', "").replace('"bounds": [0.0, 1.0], ', "")
    stored = stored.replace('"clusters": "clusters with starfish", ', "")
    older = BoardSpec.from_json(stored)
    assert (older.prize.score_margin, older.prize.clusters) == (None, "clusters")
    assert older.scale.bounds == (float("-inf"), float("inf"))
