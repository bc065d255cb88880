"""The page of one board, and its card on the home page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from statistics import median

from leaderboards.boards.board import Board
from leaderboards.boards.parity import parity_notes
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardKey
from leaderboards.store import index
from leaderboards.store.publishing import read_final
from leaderboards.web.charts.growth import GrowthPlot, SizedTimes, growth_plot
from leaderboards.web.charts.intervals import bars
from leaderboards.web.charts.scatter import axes_of, scatter
from leaderboards.web.folder import sized_times
from leaderboards.web.ordering import RANK, SORTABLE, Order, read_ordered
from leaderboards.web.rendering import paging, render
from leaderboards.web.source import Missing, Source, plotted_rows, read_board, record_folder

BOARDS_A_PAGE = 60
_CURVES = 12
"""How many entries the chart of growing times shows."""
_STRIP = 40
"""How many rows the strip on a card shows."""


@dataclass(frozen=True)
class BoardQuery:
    """The query of a board's address: the order of its rows, the page, the axis of the scatter."""

    sort: str = RANK
    order: str = ""
    page: int = 1
    x: str = ""


def board_page(source: Source, key: BoardKey, query: BoardQuery) -> str:
    """Render the page of a board; it is cached until the board's stamp changes or the board is closed."""
    closed = read_final(source.home, key) is not None
    return _board_page(source, key, index.stamp(source.engine, key), closed, query)


@lru_cache(maxsize=256)
def _board_page(source: Source, key: BoardKey, _stamp: str | None, closed: bool, query: BoardQuery) -> str:
    offset = (query.page - 1) * index.PAGE
    board, order = read_ordered(source, key, query.sort, query.order, offset, index.PAGE)
    if offset and offset >= board.total:
        raise Missing(f"this board has {board.total:,} rows and no page {query.page}")
    axes = axes_of(board.spec)
    across = next((column for column in axes if column.name == query.x), axes[0] if axes else None)
    sort = query.sort if order.by == query.sort and order != Order() else ""
    kept = {"sort": sort, "order": query.order, "x": query.x}
    return render(
        "board.html",
        board=board,
        closed=closed,
        known=source.tasks is not None and key.task in source.tasks.names,
        order=order,
        sortable=board.total <= SORTABLE,
        bars=bars(board.rows, board.spec.metric),
        parities=list(parity_notes(board.rows, board.spec)),
        picture=across and scatter(plotted_rows(source, key), board.spec, across),
        choices=axes,
        growth=_growth(source, board),
        boards=index.listings(source.engine, key.task),
        paging=paging(query.page, index.PAGE, board.total),
        asked={name: value for name, value in kept.items() if value},
    )


def _growth(source: Source, board: Board) -> GrowthPlot | None:
    """Draw how time grows for the first ranked entries, where the task asks for it."""
    chart = board.spec.growth
    if chart is None:
        return None
    rows = [row for row in board.rows if row.rank is not None][:_CURVES]
    entries = [
        SizedTimes(row.record, row.entry.name, *sized_times(record_folder(source, row.record), chart.size))
        for row in rows
    ]
    floors = [floor for row in rows if (floor := row.cell(chart.floor).value) is not None]
    return growth_plot(chart, entries, median(floors) if floors else None)


def card(source: Source, key: BoardKey) -> tuple[Board, Row | None, int]:
    """Read the first rows of a board, its leader, and how many of these rows share the leader's rank.

    The leader is the first valid entry, or else the first of all.
    """
    return _card(source, key, index.stamp(source.engine, key))


@lru_cache(maxsize=256)
def _card(source: Source, key: BoardKey, _stamp: str | None) -> tuple[Board, Row | None, int]:
    board = read_board(source, key, 0, _STRIP)
    ranked = [row for row in board.rows if row.rank is not None]
    leader = next((row for row in ranked if not row.provisional), ranked[0] if ranked else None)
    tied = [row for row in ranked if leader and row.rank_label == leader.rank_label]
    return board, leader, max(len(tied) - 1, 0)
