"""The history of a board: which records improved its best value, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa

from leaderboards.boards.rows import Row, row_from_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index
from leaderboards.store.database import reading
from leaderboards.store.tables import BOARDS, RECORDS
from leaderboards.web.charts.steps import Event
from leaderboards.web.source import Source

_MOST_OTHERS = 500


@dataclass(frozen=True)
class DatedRow:
    """The row of a record with its value and its start in seconds since 1970."""

    time: float
    value: float
    row: Row


@dataclass(frozen=True)
class History:
    """The records of a board that had the best value when they came, in order of time.

    ``others`` are the latest of all other records. Valid records count, and provisional ones from before the
    first valid one; ``provisional`` says that none is valid.
    """

    advances: tuple[DatedRow, ...]
    others: tuple[DatedRow, ...]
    provisional: bool


def read_history(source: Source, key: BoardKey, spec: BoardSpec) -> History:
    """Read the history of a board; it is cached until the board's stamp changes."""
    return _read(source, key, spec, index.stamp(source.engine, key))


@lru_cache(maxsize=64)
def _read(source: Source, key: BoardKey, spec: BoardSpec, _stamp: str | None) -> History:
    with reading(source.engine) as connection:
        valid = connection.scalar(sa.select(BOARDS.c.valid).where(BOARDS.c.id == key.id))
        counting = [RECORDS.c.board == key.id, RECORDS.c.value.is_not(None)]
        first_valid = connection.scalar(
            sa.select(sa.func.min(RECORDS.c.started)).where(*counting, RECORDS.c.validity == "valid")
        )
        # What came before the first valid record stays: else the best value would fall to that record's.
        early = RECORDS.c.started < first_valid if first_valid is not None else sa.true()
        provisional = sa.and_(RECORDS.c.validity != "invalid", early)
        counting.append(sa.or_(RECORDS.c.validity == "valid", provisional))
        if spec.gate is not None:
            less = spec.metric.goal == "min"
            counting.append(RECORDS.c.value <= spec.gate if less else RECORDS.c.value >= spec.gate)
        advances = [_dated(row) for row in connection.execute(_advances(counting, spec))]
        latest = sa.select(RECORDS).where(*counting).order_by(RECORDS.c.started.desc()).limit(_MOST_OTHERS)
        recent = [_dated(row) for row in connection.execute(latest)]
    best = {advance.row.record for advance in advances}
    others = tuple(other for other in reversed(recent) if other.row.record not in best)
    return History(tuple(advances), others, provisional=not valid)


def events(history: History, spec: BoardSpec) -> list[Event]:
    """Return what a drawing of the history shows, in order of time: nothing from before the first advance."""
    if not history.advances:
        return []
    first = history.advances[0].time
    marked = [(record, True) for record in history.advances]
    marked += [(record, False) for record in history.others if record.time >= first]
    marked.sort(key=lambda pair: pair[0].time)
    shown = []
    for record, best in marked:
        mark = " (provisional)" if record.row.provisional else ""
        label = f"{record.row.entry.name}: {spec.metric.shown(record.value)}{mark}"
        shown.append(Event(record.time, record.value, record.row.record, label, best))
    return shown


def _advances(counting: list[sa.ColumnElement[bool]], spec: BoardSpec) -> sa.Select[tuple[object, ...]]:
    """Select records with a better value than every earlier one, in order of time."""
    quality = RECORDS.c.value if spec.metric.goal == "max" else -RECORDS.c.value
    best_before = sa.func.max(quality).over(order_by=(RECORDS.c.started, RECORDS.c.id), rows=(None, -1))
    columns = (RECORDS, quality.label("quality"), best_before.label("best_before"))
    rows = sa.select(*columns).where(*counting).subquery()
    better = sa.or_(rows.c.best_before.is_(None), rows.c.quality > rows.c.best_before)
    return sa.select(rows).where(better).order_by(rows.c.started, rows.c.id)


def _dated(row: sa.Row[tuple[object, ...]]) -> DatedRow:
    return DatedRow(row.started, row.value, row_from_json(row.row))
