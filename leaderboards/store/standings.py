"""Ranks and prizes of a board in the index, updated after each new record.

Ranks come from paired tests among the first ``TOP`` rows. On a longer board the rows after them are ranked
by value alone when a page is read: one plus the number of rows with a better value. Its performance prize
is decided among the ``TOP`` fastest of the rows that are accurate enough.

Prizes and front are those of the valid rows, or of all ranked rows while none is valid.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from leaderboards.boards.board import Prize
from leaderboards.boards.prizes import award
from leaderboards.boards.rows import row_from_json
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import BootstrapDraws, Ranked, board_ranks, winners
from leaderboards.store.front import Front
from leaderboards.store.rows import IN_ORDER, contender, parity, write
from leaderboards.store.tables import BOARDS, BOOTSTRAP_DRAWS, RECORDS, STANDINGS

TOP = 256
"""How many rows of a board are ranked by tests."""


@dataclass(frozen=True)
class Change:
    """A row of ``standings`` before and after a record came; ``before`` is None for a new row."""

    before: sa.Row[Any] | None
    after: sa.Row[Any]


@dataclass(frozen=True)
class _Counting:
    """The ``size`` rows of a board that may win prizes and be on the front, as a condition."""

    board: str
    spec: BoardSpec
    rows: sa.ColumnElement[bool]
    size: int


def settle(connection: sa.Connection, board: str, spec: BoardSpec, change: Change | None = None) -> None:
    """Update ranks, prizes and front after one ``change`` of a board; with None, compute all of it."""
    counts = sa.select(BOARDS.c.ranked, BOARDS.c.valid).where(BOARDS.c.id == board)
    ranked, valid = connection.execute(counts).one()
    rows = sa.and_(STANDINGS.c.board == board, STANDINGS.c.unranked == 0)
    counting = sa.and_(rows, STANDINGS.c.valid == 1) if valid else rows
    _rank_top(connection, rows, spec)
    _award(connection, _Counting(board, spec, counting, valid or ranked))
    front = Front(board, counting, spec.metric.goal)
    if change is None or (valid == 1 and change.after.valid):
        front.redraw(connection)
    elif change.after.unranked == 0 and (change.after.valid or not valid):
        front.extend(connection, change.before, change.after)


def prizes_from_json(text: str) -> tuple[Prize, ...]:
    """Read back the prizes that ``settle`` stored with a board."""
    return tuple(Prize(**fields) for fields in json.loads(text))


def _rank_top(connection: sa.Connection, rows: sa.ColumnElement[bool], spec: BoardSpec) -> None:
    """Write the ranks of the first rows, where one of them is new there."""
    ranks = sa.select(STANDINGS.c.rank).where(rows).order_by(*IN_ORDER).limit(TOP)
    if None not in connection.scalars(ranks).all():
        return
    first = connection.execute(
        sa.select(STANDINGS, *(BOOTSTRAP_DRAWS.c[name] for name in ("draws", "clusters", "units")))
        .outerjoin(BOOTSTRAP_DRAWS, BOOTSTRAP_DRAWS.c.record == STANDINGS.c.record)
        .where(rows)
        .order_by(*IN_ORDER)
        .limit(TOP + 1)
    ).all()
    contenders = [contender(row, _draws(row)) for row in first[:TOP]]
    ranked = board_ranks(contenders, spec.metric.goal, scale=spec.scale)
    ranks_now = {one.contender.id: one.rank for one in ranked}
    parities = {one.contender.id: json.dumps(asdict(one.parity)) for one in ranked if one.parity}
    # The row after the first ones may have been among them before, and loses its rank then.
    for column, now in (("rank", ranks_now), ("parity", parities)):
        changed = [(row, now.get(row.record)) for row in first if row._mapping[column] != now.get(row.record)]
        write(connection, column, changed)


def _draws(row: sa.Row[Any]) -> BootstrapDraws | None:
    return None if row.draws is None else BootstrapDraws.unpacked(row.draws, row.clusters, row.units or 0)


def _award(connection: sa.Connection, counting: _Counting) -> None:
    """Write the prizes and their winners."""
    spec = counting.spec
    if counting.size <= TOP:
        query = sa.select(STANDINGS).where(counting.rows).order_by(*IN_ORDER)
        candidates, share = connection.execute(query).all(), spec.prize.share
    else:
        candidates, share = _first_and_fast(connection, counting), 1.0
    ranked = [Ranked(contender(row), row.rank or TOP + 1, None, parity=parity(row)) for row in candidates]
    won = winners(ranked, share, spec.prize.margin)
    query = sa.select(RECORDS.c.row).where(RECORDS.c.id.in_({*won.accuracy, *won.performance}))
    rows = [row_from_json(text) for text in connection.scalars(query)]
    prizes = award(won, {row.record: row for row in rows}, spec)
    text = json.dumps([asdict(prize) for prize in prizes])
    connection.execute(sa.update(BOARDS).where(BOARDS.c.id == counting.board).values(prizes=text))


def _eligible(row: sa.Row[Any]) -> bool:
    known = parity(row)
    return known is not None and known.eligible


def _first_and_fast(connection: sa.Connection, counting: _Counting) -> list[sa.Row[Any]]:
    """Of a long board the best row and those as good, and the fastest of those within the prize's share."""
    cut = math.ceil(counting.spec.prize.share * counting.size - 1e-9)
    in_order = sa.select(STANDINGS).where(counting.rows).order_by(*IN_ORDER)
    first = connection.execute(in_order.limit(TOP)).all()
    good = [row for number, row in enumerate(first) if number == 0 or _eligible(row)]
    if not cut:
        return good
    sort_keys = sa.select(STANDINGS.c.sort_key).where(counting.rows).order_by(*IN_ORDER)
    last = connection.execute(sort_keys.offset(cut - 1).limit(1)).scalar_one()
    fast = sa.select(STANDINGS.c.row_key).where(
        counting.rows, STANDINGS.c.sort_key <= last, STANDINGS.c.ratio.is_not(None)
    )
    keys = fast.order_by(STANDINGS.c.ratio, STANDINGS.c.record).limit(TOP)
    mine = STANDINGS.c.board == counting.board
    fastest = sa.select(STANDINGS).where(mine, STANDINGS.c.row_key.in_(keys))
    return list({row.record: row for row in (*good, *connection.execute(fastest))}.values())
