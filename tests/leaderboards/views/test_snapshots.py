"""Boards as terminals of four widths show them, without colours and through a pipe.

The expected texts are files in ``snapshots``. With ``PHOTOFINISH_SNAPSHOTS=write`` in the environment pytest
writes them anew: look at the difference before it is committed.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from leaderboards.boards.board import Board
from leaderboards.views.terminal import show_board

SNAPSHOTS = Path(__file__).with_name("snapshots")
WIDTHS = (40, 80, 120, 200)
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def board(make_record, add: Callable[..., bool], cots: Callable[..., Board]) -> Board:
    add(make_record("cnn_tracked", 0.781, team="photofinish", minute=0))
    add(make_record("cnn", 0.712, team="photofinish", ratio=0.9, minute=1))
    add(make_record("blob", 0.512, team="photofinish", minute=2))
    add(make_record("a newcomer with a long name", 0.5, team="the reds", state="provisional", minute=3))
    add(make_record("broken", status="failed", state="invalid", message="raised ValueError: boom", minute=4))
    return cots()


def plain(board: Board, width: int) -> str:
    out = io.StringIO()
    show_board(board, Console(file=out, width=width))
    return "".join(line.rstrip() + "\n" for line in out.getvalue().splitlines())


@pytest.mark.parametrize("width", WIDTHS)
def test_a_board_looks_as_before(board: Board, width: int) -> None:
    shown, file = plain(board, width), SNAPSHOTS / f"board-{width}.txt"
    if os.environ.get("PHOTOFINISH_SNAPSHOTS") == "write":
        file.write_text(shown)
    assert shown == file.read_text()


@pytest.mark.parametrize("width", WIDTHS)
def test_without_colours_a_terminal_shows_the_same_text(board: Board, width: int) -> None:
    texts = []
    for no_color in (False, True):
        out = io.StringIO()
        show_board(board, Console(file=out, width=width, force_terminal=True, no_color=no_color))
        texts.append(out.getvalue())
    coloured, plainer = texts
    assert [COLOUR.sub("", line).rstrip() for line in plainer.splitlines()] == plain(
        board, width
    ).splitlines()
    assert re.search(r"\x1b\[[0-9;]*3[0-7]", coloured)
    assert not re.search(r"\x1b\[([0-9;]*;)?[39][0-7]m", plainer)


@pytest.mark.parametrize("no_color", ["", "1"])
def test_through_a_pipe_a_board_is_plain_and_whole(
    board: Board, monkeypatch: pytest.MonkeyPatch, no_color: str
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("NO_COLOR", no_color)
    pipe = io.StringIO()
    monkeypatch.setattr(sys, "stdout", pipe)
    show_board(board)
    text = pipe.getvalue()
    assert "\x1b" not in text and "…" not in text
    (row,) = (line for line in text.splitlines() if "a newcomer" in line)
    assert "a newcomer with a long name · the reds" in row
    titles = {column.title for column in board.columns} | {"isolation", "status"}
    head = " ".join(" ".join(text.splitlines()[3:7]).split())
    assert all(word in head for title in titles for word in title.split())
