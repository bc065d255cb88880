"""A board's rows in another order than its own, and one page of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from leaderboards.boards.board import Board, Row
from leaderboards.boards.spec import BoardKey
from leaderboards.web.source import Source, read_board

SORTABLE = 2_000
"""A board with more rows is shown in its own order only."""

Direction = Literal["ascending", "descending"]
PLACE = "place"


@dataclass(frozen=True)
class Order:
    """By what rows stand (``place``: the board's own order, ``entry``, or a metric), and which way."""

    by: str = PLACE
    direction: Direction = "ascending"


def order_of(board: Board, by: str, direction: str) -> Order:
    """The order asked for; better values first where no direction is. An unknown name means by place."""
    goals = {PLACE: "min", "entry": "min", **{column.name: column.goal for column in board.columns}}
    if by not in goals:
        return Order()
    if direction in {"ascending", "descending"}:
        return Order(by, "ascending" if direction == "ascending" else "descending")
    return Order(by, "ascending" if goals[by] == "min" else "descending")


def ordered(board: Board, order: Order) -> Board:
    """All rows of a board in that order; who has no rank or lacks the value stays last, either way."""
    turned = order.direction == "descending"
    if order.by == "entry":
        by_name = sorted(board.rows, key=lambda row: row.entry.casefold(), reverse=turned)
        return replace(board, rows=tuple(by_name))
    held = [row for row in board.rows if row.rank is not None and _has(row, order.by)]
    kept = {row.record for row in held}
    lacking = [row for row in board.rows if row.record not in kept]
    if order.by == PLACE:
        held = held[::-1] if turned else held
    else:
        held.sort(key=lambda row: row.cell(order.by).value or 0.0, reverse=turned)
    return replace(board, rows=(*held, *lacking))


def read_ordered(
    source: Source, key: BoardKey, by: str, direction: str, offset: int, limit: int
) -> tuple[Board, Order]:
    """A stretch of a board in the order asked for, or in its own where it is too long to be sorted."""
    board = read_board(source, key, offset, limit)
    order = order_of(board, by, direction) if board.total <= SORTABLE else Order()
    if order == Order():
        return board, order
    whole = ordered(read_board(source, key, 0, None), order)
    return replace(whole, rows=whole.rows[offset : offset + limit], offset=offset), order


def _has(row: Row, by: str) -> bool:
    return by == PLACE or row.cell(by).value is not None
