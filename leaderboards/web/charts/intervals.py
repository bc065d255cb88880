"""Intervals of many rows on one common axis, one small picture a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leaderboards.boards.columns import Column
from leaderboards.boards.rows import Row
from leaderboards.web.charts.axis import Axis


@dataclass(frozen=True)
class Bar:
    """A value and its interval, in per cent; without an interval both ends lie on the value."""

    at: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """From end to end."""
        return round(self.high - self.low, 2)


def bars(rows: Sequence[Row], column: Column) -> Mapping[str, Bar]:
    """Record -> its bar, for the rows that are ranked; better is to the right."""
    cells = {row.record: row.cell(column.name) for row in rows if row.rank is not None}
    held = {record: cell for record, cell in cells.items() if cell.value is not None}
    ends = [end for cell in held.values() for end in (cell.value, cell.low, cell.high) if end is not None]
    axis = Axis.around(ends, down=column.goal == "min")
    found = {}
    for record, cell in held.items():
        value = cell.value or 0.0
        places = [axis.at(value if end is None else end) for end in (cell.low, cell.high)]
        found[record] = Bar(axis.at(value), min(places), max(places))
    return found
