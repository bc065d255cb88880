"""A board as a value: made once, shown alike by terminal, files, pages and API.

A row is the best record of one team. Shipped entries have a row each, and so has an entry whose team is not
known. The best record is a valid one before a provisional one, then the one with the better value, then the
earlier one. Where no record of a team can rank, its latest one is shown at the end, without a rank.

Valid rows are ranked among valid rows. A provisional row (``--quick``, say) is ranked among all and shown
with ``~``, so it never changes the rank of a valid one. Prizes go to valid rows; while there is none, they
are shown provisionally. Shipped entries compete like all others, but the reference entry takes no rank from
others and wins no prize.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from harness.spec import Json
from leaderboards.boards.columns import Column
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardKey, BoardSpec

Award = Literal["accuracy", "performance"]


@dataclass(frozen=True)
class Prize:
    """A prize and its present winner. ``provisional`` where no valid record holds it."""

    award: Award
    record: str
    entry: str
    provisional: bool
    detail: str


@dataclass(frozen=True)
class Board:
    """Rows ``offset`` … of the ``total`` rows of one board, best first, and the whole board's prizes.

    ``suffix`` names the hardware behind the profile where there are boards of several classes, else nothing.
    """

    spec: BoardSpec
    key: BoardKey
    rows: tuple[Row, ...]
    prizes: tuple[Prize, ...]
    notes: tuple[str, ...]
    total: int
    offset: int = 0
    suffix: str = ""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is shown of every row; the first column ranks."""
        return self.spec.columns

    def awards(self, row: Row) -> tuple[Award, ...]:
        """Return the prizes that a row holds."""
        return tuple(prize.award for prize in self.prizes if prize.record == row.record)


def as_json(board: Board) -> dict[str, Json]:
    """Return the board as a JSON value: the one form that files, API and pages use."""
    key, spec = board.key, board.spec
    return {
        "task": key.task,
        "task_version": key.version,
        "title": spec.title,
        "description": spec.description,
        "data": {
            "name": key.data,
            "variant": key.variant,
            "sha256": key.sha256,
            "open": spec.open_data,
        },
        "profile": key.profile,
        "scenario": key.scenario,
        "hardware": key.hardware,
        "metric": spec.metric.name,
        "columns": [asdict(column) for column in board.columns],
        "total": board.total,
        "offset": board.offset,
        "rows": [_row_as_json(board, row) for row in board.rows],
        "prizes": [asdict(prize) for prize in board.prizes],
        "notes": list(board.notes),
    }


def _row_as_json(board: Board, row: Row) -> dict[str, Any]:
    cells = {column.name: row.cell(column.name) for column in board.columns}
    return {
        "rank": row.rank,
        "rank_label": row.rank_label,
        "entry": row.entry.name,
        "team": row.entry.team,
        "role": row.entry.role,
        "metrics": {
            name: {"value": cell.value, "low": cell.low, "high": cell.high} for name, cell in cells.items()
        },
        "pareto": row.pareto,
        "parity": asdict(row.place.parity) if row.place.parity else None,
        "prizes": list(board.awards(row)),
        "isolation": row.isolation.backend,
        "safe": row.isolation.safe,
        "status": row.state.status,
        "validity": row.state.validity,
        "reason": row.state.reason,
        "started": row.started,
        "record": row.record,
    }
