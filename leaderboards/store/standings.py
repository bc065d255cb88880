"""What one more record moves on a board: ranks, prizes, the Pareto front.

Ranks come from paired tests among the first ``TOP`` rows. On a longer board the rows after them are ranked
by value alone when a page is read: one plus the number of rows with a better value. Its performance prize
is decided among the ``TOP`` fastest of the rows that are accurate enough.

Prizes and front are those of the valid rows, or of all ranked rows while none is valid.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from harness.stats import Ratio
from leaderboards.boards.board import Prize, row_from_json
from leaderboards.boards.draws import BootstrapDraws
from leaderboards.boards.prizes import award
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import Contender, Ranked, pareto, prizes, rank
from leaderboards.store.tables import BOARDS, RECORDS, REPLICATES, STANDINGS

TOP = 256
"""How many rows of a board are told apart by tests."""

_SHADOWS = 16
"""How many rows of a front the database is asked about; few others are not beaten by one of them."""

_MEASURES = ("place", "ratio", "memory_mb")

IN_ORDER = (STANDINGS.c.bottom, STANDINGS.c.place, STANDINGS.c.started, STANDINGS.c.record)


@dataclass(frozen=True)
class Change:
    """A row of ``standings`` before and after a record came; ``before`` is None for a new row."""

    before: sa.Row[Any] | None
    after: sa.Row[Any]


@dataclass(frozen=True)
class _Field:
    """The ``size`` rows of a board that may win and be on the front."""

    board: str
    spec: BoardSpec
    rows: sa.ColumnElement[bool]
    size: int
    provisional: bool


def settle(connection: sa.Connection, board: str, spec: BoardSpec, change: Change | None = None) -> None:
    """Work out ranks, prizes and front after one ``change`` of a board, or (None) all of it."""
    counts = sa.select(BOARDS.c.ranked, BOARDS.c.valid).where(BOARDS.c.id == board)
    ranked, valid = connection.execute(counts).one()
    rows = sa.and_(STANDINGS.c.board == board, STANDINGS.c.bottom == 0)
    counting = sa.and_(rows, STANDINGS.c.valid == 1) if valid else rows
    field = _Field(board, spec, counting, valid or ranked, provisional=not valid)
    _rank_top(connection, rows, spec)
    _award(connection, field)
    if change is None or (valid == 1 and change.after.valid):
        _draw_front(connection, field)
    elif change.after.bottom == 0 and (change.after.valid or not valid):
        _extend_front(connection, field, change)


def prizes_from_json(text: str) -> tuple[Prize, ...]:
    """Read back the prizes that ``settle`` left with a board."""
    return tuple(Prize(**fields) for fields in json.loads(text))


def _rank_top(connection: sa.Connection, rows: sa.ColumnElement[bool], spec: BoardSpec) -> None:
    """Write the ranks of the first rows, where one of them is new there."""
    ranks = sa.select(STANDINGS.c.rank).where(rows).order_by(*IN_ORDER).limit(TOP)
    if None not in connection.scalars(ranks).all():
        return
    found = connection.execute(
        sa.select(STANDINGS, REPLICATES.c.draws, REPLICATES.c.clusters)
        .outerjoin(REPLICATES, REPLICATES.c.record == STANDINGS.c.record)
        .where(rows)
        .order_by(*IN_ORDER)
        .limit(TOP + 1)
    ).all()
    first = found[:TOP]
    contenders = {row.record: _contender(row, _replicates(row)) for row in first}
    valid = [contenders[row.record] for row in first if row.valid]
    ranked = rank(contenders.values(), spec.metric.goal) if len(valid) < len(first) else []
    ranked += rank(valid, spec.metric.goal)
    new = {one.contender.id: one.rank for one in ranked}
    _write(
        connection, "rank", [(row, new.get(row.record)) for row in found if row.rank != new.get(row.record)]
    )


def _award(connection: sa.Connection, field: _Field) -> None:
    """Write who holds the prizes."""
    if field.size <= TOP:
        query = sa.select(STANDINGS).where(field.rows).order_by(*IN_ORDER)
        found, share = connection.execute(query).all(), field.spec.prize_share
    else:
        found, share = _first_and_fast(connection, field), 1.0
    won = prizes(
        [Ranked(_contender(row), row.rank or TOP + 1, None) for row in found], share, field.spec.margin
    )
    query = sa.select(RECORDS.c.row).where(RECORDS.c.id.in_({*won.accuracy, *won.performance}))
    rows = {
        row.record: row for row in (row_from_json(text, None, False) for text in connection.scalars(query))
    }
    prizes_ = award(won, rows, field.spec, provisional=field.provisional)
    text = json.dumps([asdict(prize) for prize in prizes_])
    connection.execute(sa.update(BOARDS).where(BOARDS.c.id == field.board).values(prizes=text))


def _first_and_fast(connection: sa.Connection, field: _Field) -> list[sa.Row[Any]]:
    """Of a long board the rows that lead it and the fastest of those within the prize's share."""
    cut = max(math.ceil(field.spec.prize_share * field.size - 1e-9), 1)
    first = connection.execute(sa.select(STANDINGS).where(field.rows).order_by(*IN_ORDER).limit(TOP)).all()
    if cut <= TOP and first[cut - 1].rank is not None:
        last = max(row.place for row in first if row.rank is not None and row.rank <= first[cut - 1].rank)
    else:
        places = sa.select(STANDINGS.c.place).where(field.rows).order_by(*IN_ORDER)
        last = connection.execute(places.offset(cut - 1).limit(1)).scalar_one()
    fast = sa.select(STANDINGS.c.row_key).where(
        field.rows, STANDINGS.c.place <= last, STANDINGS.c.ratio.is_not(None)
    )
    keys = fast.order_by(STANDINGS.c.ratio, STANDINGS.c.record).limit(TOP)
    fastest = sa.select(STANDINGS).where(STANDINGS.c.board == field.board, STANDINGS.c.row_key.in_(keys))
    leading = [row for row in first if row.rank == 1]
    return list({row.record: row for row in (*leading, *connection.execute(fastest))}.values())


def _extend_front(connection: sa.Connection, field: _Field, change: Change) -> None:
    """Draw the front anew from the front before, the changed row, and whoever steps out of its shadow."""
    flagged = sa.select(STANDINGS).where(STANDINGS.c.board == field.board, STANDINGS.c.pareto == 1)
    rows = [*connection.execute(flagged), change.after]
    held = _front(field, rows)
    if change.before is not None and change.before.pareto:
        shadows = _widest_first([row for row in rows if row.record in held])[:_SHADOWS]
        lit = [sa.not_(_beaten_by(row)) for row in shadows]
        rows += connection.execute(sa.select(STANDINGS).where(field.rows, _beaten_by(change.before), *lit))
        held = _front(field, rows)
    _flag(connection, rows, held)


def _widest_first(front: list[sa.Row[Any]]) -> list[sa.Row[Any]]:
    """Who is far down in nothing comes first: it beats the most, and a scan of the board ends with it."""
    order = {name: sorted(getattr(row, name) for row in front) for name in _MEASURES}
    return sorted(
        front, key=lambda row: max(bisect_left(order[name], getattr(row, name)) for name in _MEASURES)
    )


def _beaten_by(row: sa.Row[Any]) -> sa.ColumnElement[bool]:
    """Better than ``row`` in nothing and worse in something."""
    measures = [(STANDINGS.c[name], getattr(row, name)) for name in _MEASURES]
    no_better = (column >= value for column, value in measures)
    return sa.and_(*no_better, sa.or_(*(column > value for column, value in measures)))


def _draw_front(connection: sa.Connection, field: _Field) -> None:
    """Draw the front from all rows that count."""
    rows = connection.execute(sa.select(STANDINGS).where(field.rows)).all()
    flagged = sa.select(STANDINGS).where(STANDINGS.c.board == field.board, STANDINGS.c.pareto == 1)
    _flag(connection, [*connection.execute(flagged), *rows], _front(field, rows))


def _front(field: _Field, rows: Iterable[sa.Row[Any]]) -> frozenset[str]:
    return pareto((_contender(row) for row in rows), field.spec.metric.goal)


def _flag(connection: sa.Connection, rows: Iterable[sa.Row[Any]], front: frozenset[str]) -> None:
    """Mark those of ``rows`` that are on the front, unmark the others."""
    changed = {row.record: row for row in rows if (row.record in front) != bool(row.pareto)}
    _write(connection, "pareto", [(row, int(record in front)) for record, row in changed.items()])


def _write(connection: sa.Connection, column: str, new: list[tuple[sa.Row[Any], int | None]]) -> None:
    if not new:
        return
    key = sa.and_(STANDINGS.c.board == sa.bindparam("of"), STANDINGS.c.row_key == sa.bindparam("key"))
    values = [{"of": row.board, "key": row.row_key, "new": value} for row, value in new]
    connection.execute(sa.update(STANDINGS).where(key).values({column: sa.bindparam("new")}), values)


def _replicates(row: sa.Row[Any]) -> BootstrapDraws | None:
    return None if row.draws is None else BootstrapDraws.unpacked(row.draws, row.clusters)


def _contender(row: sa.Row[Any], replicates: BootstrapDraws | None = None) -> Contender:
    """A row as ranking sees it; whether its field counts has been decided before."""
    timed = row.ratio is not None and row.log_mean is not None
    return Contender(
        id=row.record,
        team=row.row_key,
        started=datetime.fromtimestamp(row.started, UTC).isoformat(),
        value=row.value,
        replicates=replicates.draws if replicates else None,
        clusters=replicates.clusters if replicates else 0,
        latency=Ratio(row.ratio, row.ratio_low, row.ratio_high, row.log_mean, row.log_se, row.log_df)
        if timed
        else None,
        margin=row.margin,
        memory_mb=row.memory_mb,
        mark=row.mark,
    )
