"""A board's rows in another order than its own, and one page of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from leaderboards.boards.board import Board
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardKey
from leaderboards.web.source import Source, read_board

SORTABLE = 2_000
"""A board with more rows is shown in its own order only."""

Direction = Literal["ascending", "descending"]
RANK = "rank"


@dataclass(frozen=True)
class Order:
    """What rows are sorted by (``rank``: the board's own order, ``entry``, or a metric), and how."""

    by: str = RANK
    direction: Direction = "ascending"


def order_of(board: Board, by: str, direction: str) -> Order:
    """Return the order asked for: better values first by default, by rank where the name is unknown."""
    goals = {RANK: "min", "entry": "min", **{column.name: column.goal for column in board.columns}}
    if by not in goals:
        return Order()
    if direction in {"ascending", "descending"}:
        return Order(by, "ascending" if direction == "ascending" else "descending")
    return Order(by, "ascending" if goals[by] == "min" else "descending")


def ordered(board: Board, order: Order) -> Board:
    """Sort all rows of a board; rows without a rank or without the value stay last in both directions."""
    descending = order.direction == "descending"
    if order.by == "entry":
        by_name = sorted(board.rows, key=lambda row: row.entry.name.casefold(), reverse=descending)
        return replace(board, rows=tuple(by_name))
    sortable = [row for row in board.rows if row.rank is not None and _has(row, order.by)]
    records = {row.record for row in sortable}
    others = [row for row in board.rows if row.record not in records]
    if order.by == RANK:
        sortable = sortable[::-1] if descending else sortable
    else:
        sortable.sort(key=lambda row: row.cell(order.by).value or 0.0, reverse=descending)
    return replace(board, rows=(*sortable, *others))


def read_ordered(
    source: Source, key: BoardKey, by: str, direction: str, offset: int, limit: int
) -> tuple[Board, Order]:
    """Read some rows of a board in the order asked for, or in its own where it is too long to be sorted."""
    board = read_board(source, key, offset, limit)
    order = order_of(board, by, direction) if board.total <= SORTABLE else Order()
    if order == Order():
        return board, order
    whole = ordered(read_board(source, key, 0, None), order)
    return replace(whole, rows=whole.rows[offset : offset + limit], offset=offset), order


def _has(row: Row, by: str) -> bool:
    return by == RANK or row.cell(by).value is not None
