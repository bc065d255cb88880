"""A board as a value: made once, shown alike by terminal, files, pages and API.

A row is the best record of one team. Shipped entries share one team and have a row each; so has an entry
whose team is not known. Best means: a valid record before a provisional one, then the better value, then
the earlier start. Who has no record that can rank stands at the end with the latest one, without a rank.

Valid rows are ranked among valid rows. A provisional row (``--quick``, say) is ranked among all and shown
with ``~``, so it never moves a valid one. Prizes go to valid rows; while there is none, they are shown
provisionally. The shipped entries compete like all others, for they are the ones to beat; but the reference
of the clock displaces nobody and wins nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from harness.record import Measure, Record
from harness.spec import Json
from leaderboards.boards.names import plain
from leaderboards.boards.spec import BoardKey, BoardSpec, Column

SHIPPED = "photofinish"
"""The team of the entries that come with the tasks."""

Role = Literal["", "reference", "baseline"]
Award = Literal["accuracy", "performance"]


@dataclass(frozen=True)
class Cell:
    """One number and, where there is one, its 95 % interval."""

    value: float | None
    low: float | None = None
    high: float | None = None

    def shown(self, column: Column) -> str:
        """The value with its interval, for people: ``0.712 [0.690, 0.731]``."""
        if self.value is None or self.low is None or self.high is None:
            return column.shown(self.value)
        return f"{column.shown(self.value)} [{column.shown(self.low)}, {column.shown(self.high)}]"


@dataclass(frozen=True)
class Row:
    """One line of a board. ``rank`` is None where the record cannot rank; ``why`` says why not."""

    record: str
    entry: str
    team: str
    role: Role
    cells: Mapping[str, Cell]
    isolation: str
    safe: bool
    status: str
    validity: str
    why: str
    started: str
    rank: int | None = None
    pareto: bool = False

    @property
    def provisional(self) -> bool:
        """Whether the rank is shown with a mark and counts for nothing."""
        return self.validity == "provisional"

    @property
    def place(self) -> str:
        """The rank as shown: ``2``, ``~2`` where provisional, ``–`` where there is none."""
        if self.rank is None:
            return "–"
        return f"~{self.rank}" if self.provisional else str(self.rank)

    @property
    def state(self) -> str:
        """One word on how the record stands."""
        return self.status if self.status != "ok" else self.validity

    def cell(self, name: str) -> Cell:
        """The number of one column, empty where the record has none."""
        return self.cells.get(name, Cell(None))


@dataclass(frozen=True)
class Prize:
    """Who holds a prize now. ``provisional`` where no valid record holds it."""

    award: Award
    record: str
    entry: str
    provisional: bool
    detail: str


@dataclass(frozen=True)
class Board:
    """Rows ``offset`` … of the ``total`` rows of one board, best first, and the whole board's prizes."""

    spec: BoardSpec
    key: BoardKey
    rows: tuple[Row, ...]
    prizes: tuple[Prize, ...]
    notes: tuple[str, ...]
    total: int
    offset: int = 0

    @property
    def columns(self) -> tuple[Column, ...]:
        """What is shown of every row; the first column ranks."""
        return self.spec.columns

    def awards(self, row: Row) -> tuple[Award, ...]:
        """The prizes a row holds."""
        return tuple(prize.award for prize in self.prizes if prize.record == row.record)


def row_of(record: Record, spec: BoardSpec) -> Row:
    """The line of one record, not yet ranked."""
    return Row(
        record=record.id,
        entry=plain(record.submission.name),
        team=plain(record.submission.team) if record.submission.team else "",
        role=_role(record),
        cells={name: _cell(measure) for name, measure in record.metrics.items()},
        isolation=plain(record.isolation.name),
        safe=record.isolation.safe,
        status=record.status,
        validity=record.validity.state,
        why=_why(record, spec),
        started=record.started,
    )


def row_key(record: Record) -> str:
    """What a board has one row for: the team, or the entry where there is none or it is a shipped one.

    Hashed: a name may be long or hold what a database does not.
    """
    submission = record.submission
    alone = submission.team in ("", SHIPPED)
    parts = [submission.team, submission.name] if alone else [submission.team]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def can_rank(record: Record, spec: BoardSpec) -> bool:
    """Whether the record may have a rank: sound, with a value of the metric that ranks, through its gate."""
    return not _obstacle(record, spec)


def row_to_json(row: Row) -> str:
    """Everything of a row but its rank and mark, which change as others come."""
    fields = {name: getattr(row, name) for name in _STORED}
    cells = {name: [cell.value, cell.low, cell.high] for name, cell in row.cells.items()}
    return json.dumps({**fields, "cells": cells}, separators=(",", ":"))


@lru_cache(maxsize=4096)
def row_from_json(text: str, rank: int | None, pareto: bool) -> Row:
    """Read back what ``row_to_json`` wrote. The rows of much-read pages are made once."""
    fields = json.loads(text)
    cells = {name: Cell(*numbers) for name, numbers in fields.pop("cells").items()}
    return Row(**fields, cells=cells, rank=rank, pareto=pareto)


_STORED = (
    "record", "entry", "team", "role", "isolation", "safe", "status", "validity", "why", "started",
)  # fmt: skip


def to_plain(board: Board) -> dict[str, Json]:
    """The board as JSON would hold it: the one form that files, API and pages read."""
    return {
        "task": board.key.task,
        "task_version": board.key.version,
        "title": board.spec.title,
        "data": {"name": board.key.data, "variant": board.key.variant, "sha256": board.key.sha256},
        "profile": board.key.profile,
        "scenario": board.key.scenario,
        "metric": board.spec.metric.name,
        "columns": [
            {"name": c.name, "title": c.title, "unit": c.unit, "goal": c.goal, "digits": c.digits}
            for c in board.columns
        ],
        "total": board.total,
        "offset": board.offset,
        "rows": [_plain_row(board, row) for row in board.rows],
        "prizes": [
            {
                "award": prize.award,
                "record": prize.record,
                "entry": prize.entry,
                "provisional": prize.provisional,
                "detail": prize.detail,
            }
            for prize in board.prizes
        ],
        "notes": list(board.notes),
    }


def _plain_row(board: Board, row: Row) -> dict[str, Any]:
    cells = {column.name: row.cell(column.name) for column in board.columns}
    return {
        "rank": row.rank,
        "place": row.place,
        "entry": row.entry,
        "team": row.team,
        "role": row.role,
        "metrics": {
            name: {"value": cell.value, "low": cell.low, "high": cell.high} for name, cell in cells.items()
        },
        "pareto": row.pareto,
        "prizes": list(board.awards(row)),
        "isolation": row.isolation,
        "safe": row.safe,
        "status": row.status,
        "validity": row.validity,
        "why": row.why,
        "started": row.started,
        "record": row.record,
    }


def _cell(measure: Measure) -> Cell:
    return Cell(measure.value, measure.low, measure.high)


def _role(record: Record) -> Role:
    if record.submission.team != SHIPPED:
        return ""
    reference = record.reference
    return "reference" if reference is not None and reference.name == record.submission.name else "baseline"


def _why(record: Record, spec: BoardSpec) -> str:
    """What a reader should know of a row that is not plainly ranked."""
    told = _obstacle(record, spec) or "; ".join(record.validity.reasons)
    return plain(told, 160) if told else ""


def _obstacle(record: Record, spec: BoardSpec) -> str:
    if record.status != "ok":
        return record.message or record.status
    if record.validity.state == "invalid":
        return "; ".join(record.validity.reasons) or "invalid"
    measure = record.metrics.get(spec.metric.name)
    if measure is None or measure.value is None:
        return f"no {spec.metric.title}"
    gate, sign = spec.gate, 1 if spec.metric.goal == "max" else -1
    if gate is not None and sign * measure.value < sign * gate:
        return f"{spec.metric.title} {measure.value:.{spec.metric.digits}f} does not reach {gate:g}"
    return ""
