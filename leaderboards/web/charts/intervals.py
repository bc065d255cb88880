"""The interval of each row on one axis that all rows share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from leaderboards.boards.columns import Column
from leaderboards.boards.rows import Row
from leaderboards.web.charts.axis import Axis


@dataclass(frozen=True)
class Bar:
    """A value and its interval in per cent; without an interval both ends are at the value."""

    at: float
    low: float
    high: float

    @property
    def width(self) -> float:
        """The width of the interval in per cent."""
        return round(self.high - self.low, 2)


def bars(rows: Sequence[Row], column: Column) -> Mapping[str, Bar]:
    """Draw the rows that have a rank and a value, by record; better is to the right."""
    cells = {row.record: row.cell(column.name) for row in rows if row.rank is not None}
    cells = {record: cell for record, cell in cells.items() if cell.value is not None}
    ends = [end for cell in cells.values() for end in (cell.value, cell.low, cell.high) if end is not None]
    axis = Axis.around(ends, down=column.goal == "min")
    drawn = {}
    for record, cell in cells.items():
        value = cell.value or 0.0
        low, high = sorted(axis.at(value if end is None else end) for end in (cell.low, cell.high))
        drawn[record] = Bar(axis.at(value), low, high)
    return drawn
