"""What the terminal shows: everything where it fits, the least important first left out."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from rich.console import Console

from harness.record import read_record
from leaderboards.boards.board import Board
from leaderboards.boards.names import plain
from leaderboards.views.record import show_record
from leaderboards.views.terminal import show_board

HOSTILE = [
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "[red]x[/red]",
    "\u202egnp.exe",
    "\x1b[31mred\x07",
    "a\nb\tc",
    "x" * 10_000,
    "=cmd|' /C calc'!A0",
    "e" + "\u0301" * 500,
    "",
    "\x00",
    "海" * 500,
]


@pytest.fixture
def board(make_record, add: Callable[..., bool], cots: Callable[..., Board]) -> Board:
    add(make_record("cnn_tracked", 0.781, team="photofinish"))
    add(make_record("cnn", 0.712, team="photofinish", ratio=0.9))
    add(make_record("newcomer", 0.5, team="the reds", state="provisional", reasons=("a quick run",)))
    add(make_record("broken", status="failed", state="invalid", message="raised ValueError: boom"))
    add(make_record("elsewhere", 0.9, variant="full"))
    return cots()


def shown(board: Board, width: int) -> list[str]:
    out = io.StringIO()
    show_board(board, Console(file=out, width=width))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def test_wide_enough_for_everything(board: Board) -> None:
    lines = shown(board, 170)
    titles = "# entry F2 AP p50 p90 p99 time ratio queries memory build size isolation status"
    assert set(titles.split()) <= set(" ".join(lines).split())
    first = next(line for line in lines if "cnn_tracked" in line)
    assert " ".join(first.split()) == (
        "1 ★▲ cnn_tracked (baseline) 0.781 [0.741, 0.821] 0.400 0.600 10.0 12.0 – 1.00 [0.980, 1.02] 100 120 "
        "0.500 2.00 bubblewrap valid"
    )


@pytest.mark.parametrize("width", [160, 100, 80, 60, 40, 24])
def test_no_line_is_wider_than_the_terminal_and_no_row_wraps(board: Board, width: int) -> None:
    lines = shown(board, width)
    assert max(map(cell_len, lines)) <= width
    table = "\n".join(lines).partition("\n ★ accuracy")[0].splitlines()
    assert [line.split()[0] for line in table[-4:]] == ["1", "2", "~3", "–"]


def test_a_narrow_terminal_keeps_rank_entry_metric_and_status(board: Board) -> None:
    first = next(line for line in shown(board, 62) if "cnn_tracked" in line)
    assert first.split() == ["1", "★▲", "cnn_tracked", "(baseline)", "0.781", "1.00", "valid"]


@pytest.mark.parametrize("width", [24, 30, 40, 50, 60, 80, 100, 120, 160, 200])
def test_what_ranks_is_never_dropped(board: Board, width: int) -> None:
    lines = shown(board, width)
    table = next(number for number, line in enumerate(lines) if line.split()[:1] == ["1"])
    assert {"F2", "ratio"} <= set(" ".join(lines[:table]).split())
    for rank, f2, ratio in (("1", "0.781", "1.00"), ("~3", "0.500", "1.00")):
        values = next(line for line in lines if line.split()[:1] == [rank]).split()
        assert f2 in values and ratio in values


def test_prizes_and_notes_stand_beneath(board: Board) -> None:
    text = "\n".join(shown(board, 160))
    _, _, beneath = text.partition("broken")
    assert "★ accuracy     cnn_tracked  F2 0.781 [0.741, 0.821]" in beneath
    assert "▲ performance  cnn_tracked" in beneath
    assert "~ marks a provisional rank" in beneath
    assert "broken: raised ValueError: boom" in beneath
    assert "1 record of other data (reef full) is not shown." in beneath


def test_an_empty_board_says_so(board: Board) -> None:
    from dataclasses import replace

    assert "No records yet." in "\n".join(shown(replace(board, rows=(), prizes=(), total=0), 80))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_one_short_harmless_line(
    make_record, add: Callable[..., bool], cots: Callable[..., Board], name: str
) -> None:
    add(folder := make_record(name, 0.5, team=name, message=name))
    lines = shown(cots(), 100)
    row = [line for line in lines if line.lstrip().startswith("1 ")]
    assert len(row) == 1
    assert "valid" in row[0]
    out = io.StringIO()
    show_record(read_record(folder), Console(file=out, width=100))
    printed = "\n".join(lines) + out.getvalue()
    assert max(map(cell_len, printed.splitlines())) <= 100
    assert not [c for c in printed if c != "\n" and unicodedata.category(c).startswith("C")]


def test_markup_in_a_name_is_text(make_record, add: Callable[..., bool], cots: Callable[..., Board]) -> None:
    add(make_record("[red]x[/red]", 0.5))
    assert "[red]x[/red]" in "\n".join(shown(cots(), 100))


def test_plain_keeps_ordinary_names_as_they_are() -> None:
    for name in ("cnn_tracked", "Étoile de mer", "海星 7", "a-b.c"):
        assert plain(name) == name


def test_plain_keeps_the_beginning_and_the_end_of_a_long_name() -> None:
    name = "begin" + "x" * 10_000 + "end"
    assert len(plain(name)) == 48
    assert plain(name).startswith("beginx")
    assert plain(name).endswith("xend")


def test_a_record_shows_its_reasons_phases_and_audits(make_record) -> None:
    folder = make_record("cnn", 0.5, state="provisional", reasons=("a quick run",))
    out = io.StringIO()
    show_record(read_record(folder), Console(file=out, width=100))
    text = out.getvalue()
    for part in ("a quick run", "0.5 [0.46, 0.54]", "0.500 s, 80 MB", "bubblewrap (level 1)", folder.name):
        assert part in text
