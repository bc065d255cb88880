"""The history of a board: which records moved its best value, and when."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa

from leaderboards.boards.rows import Row, row_from_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index
from leaderboards.store.tables import BOARDS, RECORDS, reading
from leaderboards.web.source import Source

_MOST_OTHERS = 500


@dataclass(frozen=True)
class Advance:
    """A record that was the best of its board when it came."""

    time: float
    value: float
    row: Row


@dataclass(frozen=True)
class History:
    """Advances in order of time; ``others`` are the latest of all other records (time, value, row).

    Made of valid records, or (``provisional``) of all that can rank while none is valid.
    """

    advances: tuple[Advance, ...]
    others: tuple[Advance, ...]
    provisional: bool


def read_history(source: Source, key: BoardKey, spec: BoardSpec) -> History:
    """Read the history of a board, anew only where its stamp changed: it goes through all its records."""
    return _read(source, key, spec, index.stamp(source.engine, key))


@lru_cache(maxsize=64)
def _read(source: Source, key: BoardKey, spec: BoardSpec, _stamp: str | None) -> History:
    with reading(source.engine) as connection:
        valid = connection.scalar(sa.select(BOARDS.c.valid).where(BOARDS.c.id == key.id))
        counting = [RECORDS.c.board == key.id, RECORDS.c.value.is_not(None)]
        counting.append(RECORDS.c.validity == "valid" if valid else RECORDS.c.validity != "invalid")
        if spec.gate is not None:
            through = (
                RECORDS.c.value >= spec.gate if spec.metric.goal == "max" else RECORDS.c.value <= spec.gate
            )
            counting.append(through)
        advances = [_advance(line) for line in connection.execute(_advances(counting, spec))]
        latest = sa.select(RECORDS).where(*counting).order_by(RECORDS.c.started.desc()).limit(_MOST_OTHERS)
        recent = [_advance(line) for line in connection.execute(latest)]
    best = {advance.row.record for advance in advances}
    others = tuple(other for other in reversed(recent) if other.row.record not in best)
    return History(tuple(advances), others, provisional=not valid)


def _advances(counting: list[sa.ColumnElement[bool]], spec: BoardSpec) -> sa.Select[tuple[object, ...]]:
    """Records with a better value than every one before, in order of time."""
    turned = RECORDS.c.value if spec.metric.goal == "max" else -RECORDS.c.value
    before = sa.func.max(turned).over(order_by=(RECORDS.c.started, RECORDS.c.id), rows=(None, -1))
    lines = sa.select(RECORDS, turned.label("turned"), before.label("before")).where(*counting).subquery()
    better = sa.or_(lines.c.before.is_(None), lines.c.turned > lines.c.before)
    return sa.select(lines).where(better).order_by(lines.c.started, lines.c.id)


def _advance(line: sa.Row[tuple[object, ...]]) -> Advance:
    return Advance(line.started, line.value, row_from_json(line.row, None, False))
