"""The index on SQLite and PostgreSQL: the order of arrival never matters, and nothing is half there."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import sqlalchemy as sa

from leaderboards.boards.spec import PrizeRules
from leaderboards.store import index, standings
from leaderboards.views.export import to_json
from tests.leaderboards.store.made import Candidates, everything, whole


@pytest.mark.parametrize("top", [5, 256])
def test_one_by_one_in_any_order_or_all_at_once_is_the_same(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch, top: int
) -> None:
    monkeypatch.setattr(standings, "TOP", top)
    arrived = candidates(40, teams=30)
    for new in arrived:
        assert index.add(database, new)
    held, board = everything(database), to_json(whole(database, arrived[0]))
    index.rebuild(database, arrived)
    assert everything(database) == held
    index.rebuild(database, [])
    for new in random.Random(1).sample(arrived, len(arrived)):
        index.add(database, new)
    assert everything(database) == held
    assert to_json(whole(database, arrived[0])) == board


def test_adding_again_changes_nothing(database: sa.Engine, candidates: Candidates) -> None:
    arrived = candidates(5)
    index.rebuild(database, arrived)
    held = everything(database)
    assert not index.add(database, arrived[2])
    assert everything(database) == held


@pytest.mark.parametrize("top", [4, 256])
def test_pages_put_together_are_the_board(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch, top: int
) -> None:
    monkeypatch.setattr(standings, "TOP", top)
    arrived = candidates(80)
    index.rebuild(database, arrived)
    board = whole(database, arrived[0])
    for size in (1, 7, 50):
        pages = [index.page(database, board.key, offset, size) for offset in range(0, board.total, size)]
        assert tuple(row for page in pages if page for row in page.rows) == board.rows


def test_beyond_the_tested_rows_ranks_count_better_values(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standings, "TOP", 4)
    arrived = candidates(80)
    index.rebuild(database, arrived)
    rows = [row for row in whole(database, arrived[0]).rows if row.state.validity != "invalid"]
    assert len(rows) > 40
    for row in rows[4:]:
        rivals = [other for other in rows if not other.provisional or row.provisional]
        better = [other for other in rivals if other.cells["f2"].value > row.cells["f2"].value]
        assert row.rank == len(better) + 1


def test_a_long_board_gives_its_prizes_as_one_short_enough_to_test_whole(
    database: sa.Engine, candidates: Candidates, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = [replace(one, spec=replace(one.spec, prize=PrizeRules(0.3))) for one in candidates(80)]
    index.rebuild(database, arrived)
    short = whole(database, arrived[0]).prizes
    monkeypatch.setattr(standings, "TOP", 40)
    index.rebuild(database, arrived)
    assert whole(database, arrived[0]).prizes == short
