"""Boards in the terminal: columns that do not fit are left out, the least important first.

Every text of other people goes through ``plain`` and into ``rich.text.Text``, never into markup.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leaderboards.boards.board import Board
from leaderboards.boards.columns import PRIORITIES, Column
from leaderboards.boards.names import plain
from leaderboards.boards.parity import parity_label, parity_notes
from leaderboards.boards.prizes import AWARD_MARKS
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import OPEN_DATA
from leaderboards.views.console import console

_GAP = 2
_SHOWN_WINNERS = 5
_NARROWEST_ENTRY = 22
_RATIO = "latency_ratio"
_ROOM_FOR_INTERVAL, _ROOM_FOR_RATIO_INTERVAL = 64, 120


@dataclass(frozen=True)
class _Shown:
    """One column of the terminal's table. Where columns do not fit, the largest ``weight`` goes first."""

    title: str
    texts: tuple[Text, ...]
    weight: int
    left: bool = False

    @property
    def width(self) -> int:
        return max([len(line) for line in self.title.split("\n")] + [text.cell_len for text in self.texts])


def show_board(board: Board, on: Console | None = None) -> None:
    """Print a board: its table, its prizes, and notes on what is not shown."""
    on = on or console()
    on.print(board_view(board, on.width))


def board_view(board: Board, width: int) -> RenderableType:
    """Lay out a board for a terminal ``width`` characters wide."""
    key = board.key
    scope = f"{key.data} {key.variant} · {key.profile}{board.suffix} · {key.scenario.replace('_', ' ')}"
    about = Text(plain(f"{key.task} v{key.version} · {scope}", 120), style="dim")
    if board.spec.open_data:
        about.append(f" · {OPEN_DATA}", style="yellow")
    parts: list[RenderableType] = [
        Text(plain(board.spec.title, 80), style="bold"),
        about,
        Text(),
        _table(board, width - 1) if board.rows else Text("No records yet.", style="yellow"),
    ]
    parts += [Text(), *_prizes(board)] if board.prizes else []
    footnotes = [Text(line, style="dim") for line in _footnotes(board)]
    parts += [Text(), *footnotes] if footnotes else []
    return Padding(Group(*parts), (1, 0, 1, 1), expand=False)


def _table(board: Board, width: int) -> Table:
    columns, entry_width = _fitting(list(_columns(board, width)), width)
    table = Table(box=None, padding=(0, _GAP, 0, 0), header_style="bold cyan", pad_edge=False)
    for column in columns:
        table.add_column(
            Text(column.title),
            justify="left" if column.left else "right",
            width=entry_width if column.title == "entry" else column.width,
            no_wrap=True,
            overflow="ellipsis",
        )
    for number, row in enumerate(board.rows):
        style = "dim" if row.rank is None else ("bold" if row.rank == 1 else "")
        table.add_row(*(column.texts[number] for column in columns), style=style)
    return table


def _fitting(columns: list[_Shown], width: int) -> tuple[list[_Shown], int]:
    """Choose the columns that fit, and the width of the entry's name, which shrinks before columns go."""
    entry = next(column for column in columns if column.title == "entry")

    def room() -> int:
        return width - sum(column.width + _GAP for column in columns if column is not entry)

    while room() < min(entry.width, _NARROWEST_ENTRY) and max(column.weight for column in columns) > 0:
        columns.remove(max(columns, key=lambda column: column.weight))
    return columns, max(min(entry.width, room()), 1)


def _columns(board: Board, width: int) -> Iterator[_Shown]:
    rows = board.rows
    yield _Shown("#", tuple(_rank(row) for row in rows), 0)
    if board.prizes:
        yield _Shown("", tuple(_marks(board, row) for row in rows), 1, left=True)
    yield _Shown("entry", tuple(_name(row) for row in rows), 0, left=True)
    if _sharing(board):
        yield _Shown("tier", tuple(Text(parity_label(row), style="dim") for row in rows), 2, left=True)
    for position, column in enumerate(board.columns):
        bounded = width >= _room_for_interval(column, position)
        cells = [row.cell(column.name) for row in rows]
        texts = [cell.shown(column) if bounded else column.shown(cell.value) for cell in cells]
        yield _Shown(_title(column), tuple(map(Text, texts)), _weight(column, position))
    yield _Shown("isolation", tuple(_isolation(row) for row in rows), 20, left=True)
    yield _Shown("status", tuple(_state(row) for row in rows), 3, left=True)


def _sharing(board: Board) -> bool:
    """Whether any row is compared with a leader that it shares its rank with."""
    return any(row.place.parity and not row.place.parity.leads for row in board.rows)


def _room_for_interval(column: Column, position: int) -> float:
    """Return the least width of a terminal in which this column shows its interval."""
    if position == 0:
        return _ROOM_FOR_INTERVAL
    return _ROOM_FOR_RATIO_INTERVAL if column.name == _RATIO else math.inf


def _weight(column: Column, position: int) -> int:
    """Say how soon a column is dropped: those that rank never, the task's third and later ones first."""
    if column.name == _RATIO:
        return 0
    if column.name in PRIORITIES:
        return 4 + PRIORITIES[column.name]
    return (0, 4)[position] if position < 2 else 30 + position


def _title(column: Column) -> str:
    if not column.unit:
        return column.title
    if column.name == _RATIO:  # never dropped, so it has to be narrow
        return "\n".join(column.title.split()) + f" {column.unit}"
    return f"{column.title}\n{'per s' if column.unit == '1/s' else column.unit}"


def _marks(board: Board, row: Row) -> Text:
    return Text("".join(AWARD_MARKS[award] for award in board.awards(row)), style="yellow")


def _name(row: Row) -> Text:
    name = Text(row.entry.name)
    if row.entry.role:
        name.append(f" ({row.entry.role})", style="dim")
    elif row.entry.team:
        name.append(f" · {row.entry.team}", style="dim")
    return name


def _rank(row: Row) -> Text:
    return Text(row.rank_label, style="yellow" if row.provisional else "")


def _isolation(row: Row) -> Text:
    backend = row.isolation.backend
    return Text(backend) if row.isolation.safe else Text(f"{backend} !", style="red")


def _state(row: Row) -> Text:
    styles = {"valid": "green", "provisional": "yellow"}
    return Text(row.state.label.replace("_", " "), style=styles.get(row.state.label, "red"))


def _prizes(board: Board) -> Iterator[Text]:
    for award, mark in AWARD_MARKS.items():
        prizes = [prize for prize in board.prizes if prize.award == award]
        for prize in prizes[:_SHOWN_WINNERS]:
            line = Text(f"{mark} {award:<12} ", style="yellow")
            line.append(prize.entry, style="bold")
            line.append(f"  {prize.detail}", style="dim")
            if prize.provisional:
                line.append("  provisional", style="yellow")
            yield line
        if len(prizes) > _SHOWN_WINNERS:
            yield Text(f"{mark} {award:<12} shared with {len(prizes) - _SHOWN_WINNERS} more", style="yellow")


def _footnotes(board: Board) -> Iterator[str]:
    rows = board.rows
    if any(row.provisional and row.rank is not None for row in rows):
        yield "~ marks a provisional rank: it never changes the rank of a valid entry."
    ranks = [row.rank for row in rows if row.rank is not None and not row.provisional]
    if len(set(ranks)) < len(ranks):
        yield "Entries share a rank unless a paired test tells them apart."
    yield from parity_notes(rows, board.spec)
    unranked = [row for row in rows if row.rank is None and row.state.reason]
    yield from (f"{row.entry.name}: {row.state.reason}" for row in unranked)
    if len(rows) < board.total:
        yield f"Rows {board.offset + 1} to {board.offset + len(rows)} of {board.total:,}."
    yield from board.notes
