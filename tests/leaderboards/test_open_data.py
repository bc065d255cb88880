"""Boards over data whose hidden part anybody can know are marked everywhere; sealed ones are not."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from rich.console import Console

from harness.record import DataId, Record, read_record
from harness.spec import Prepared
from leaderboards.boards.board import Board
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index
from leaderboards.views import export
from leaderboards.views.terminal import show_board
from leaderboards.web.board_page import BoardQuery, board_page
from leaderboards.web.source import Source


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sa.Engine:
    monkeypatch.delenv("PHOTOFINISH_INDEX_URL", raising=False)
    return index.open_index(tmp_path / "home")


@pytest.fixture
def shown(make_record: Callable[..., Path], engine: sa.Engine, cots_spec: BoardSpec, tmp_path: Path):
    """Put a record over data on a board, and return the board with all that shows it."""

    def show(known: bool | None) -> tuple[Board, dict[str, str]]:
        record = read_record(make_record("cnn", 0.7))
        prepared = Prepared("reef", "mini", "e" * 64, tmp_path, tmp_path, known)
        changed: Record = record.model_copy(update={"data": DataId.of(prepared)}).sealed()
        index.add(engine, index.Candidate(changed, cots_spec, None))
        key = BoardKey.of(changed)
        board = index.page(engine, key)
        assert board is not None
        console = Console(file=io.StringIO(), width=200)
        show_board(board, console)
        said = {
            "terminal": console.file.getvalue(),  # type: ignore[attr-defined]
            "markdown": export.to_markdown(board),
            "page": board_page(Source(tmp_path / "home", engine), key, BoardQuery()),
        }
        return board, said

    return show


@pytest.mark.parametrize(("known", "marked"), [(True, True), (False, False), (None, False)])
def test_open_data_are_marked_in_the_terminal_the_page_and_the_files(shown, known, marked: bool) -> None:
    board, said = shown(known)
    assert board.spec.open_data is marked
    assert json.loads(export.to_json(board))["data"]["open"] is marked
    for where, text in said.items():
        assert ("open data" in text) is marked, where
        assert ("anybody can know the hidden labels" in text) is marked, where


def test_what_is_known_of_the_data_makes_them_no_other_data(tmp_path: Path) -> None:
    data = DataId(name="reef", variant="mini", sha256="e" * 64)
    told = DataId.of(Prepared("reef", "mini", "e" * 64, tmp_path, tmp_path, True))
    assert data != told and data.same(told) and told.same(data)
    assert not data.same(told.model_copy(update={"sha256": "f" * 64}))
