"""The page of one entry: its whole record, and what it got wrong."""

from __future__ import annotations

from dataclasses import dataclass

from harness.record import Record
from harness.record.units import VALUE, UnitOrder
from leaderboards.boards.spec import BoardKey
from leaderboards.web import folder
from leaderboards.web.charts.latency import latency_plot
from leaderboards.web.charts.memory import memory_plot
from leaderboards.web.comparison import board_differences
from leaderboards.web.rendering import paging, render
from leaderboards.web.source import (
    Missing,
    Source,
    find_board,
    opponents,
    read_rank,
    read_record,
    record_folder,
)
from leaderboards.web.units import unit_table

UNITS_A_PAGE = 15


@dataclass(frozen=True)
class UnitQuery:
    """The query of an entry's address: the page of its units, what they are sorted by, whose stand beside."""

    page: int = 1
    by: str = VALUE
    order: str = ""
    beside: str = ""


def entry_page(source: Source, record_id: str, query: UnitQuery) -> str:
    """Render the page of an entry. Raises Missing where its record, or the one beside it, is not here."""
    shown, where = read_record(source, record_id), record_folder(source, record_id)
    rank = read_rank(source, shown)
    key, spec = find_board(source, rank.board) if rank else (BoardKey.of(shown), None)
    other = _beside(source, shown, query.beside) if query.beside else None
    results = unit_table(
        where,
        source.task(shown.task),
        UnitOrder(query.by, query.order == "reversed"),
        ((query.page - 1) * UNITS_A_PAGE, UNITS_A_PAGE),
        record_folder(source, query.beside) if query.beside else None,
    )
    asked = {"by": query.by if query.by != VALUE else "", "order": query.order, "beside": query.beside}
    return render(
        "record.html",
        record=shown,
        key=key,
        spec=spec,
        rank=rank,
        latency=latency_plot(*folder.latencies(where), shown.metrics),
        memory=memory_plot(folder.memory(where)),
        units=results,
        other=other,
        paging=paging(query.page, UNITS_A_PAGE, results.units.total if results else 0),
        examples=folder.examples(where),
        opponents=opponents(source, key, shown.id) if rank and shown.status == "ok" else (),
        asked={name: value for name, value in asked.items() if value},
    )


def _beside(source: Source, shown: Record, beside: str) -> Record:
    """Read the record whose units stand beside those of another. Raises Missing where it has other units."""
    other = read_record(source, beside)
    if board_differences(shown, other):
        raise Missing(f"record {beside} is of another board: it was asked other units")
    return other
