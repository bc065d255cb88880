"""What boards are read from: indexed tables that can be dropped and rebuilt from the ledger.

SQLite at ``HOME/index.db`` by default; ``PHOTOFINISH_INDEX_URL`` names another database (PostgreSQL).
What a record moves is worked out when it comes, so that a page is one short range of an index.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from harness.record import Record
from leaderboards.boards.board import Board, Row, can_rank, row_from_json, row_key, row_of, row_to_json
from leaderboards.boards.draws import BootstrapDraws
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store.standings import IN_ORDER, Change, prizes_from_json, settle
from leaderboards.store.tables import (
    BOARDS,
    RECORDS,
    REPLICATES,
    STANDINGS,
    empty,
    insert,
    open_index,
    reading,
    writing,
)

__all__ = [
    "Candidate",
    "Listing",
    "add",
    "all_profiles",
    "listings",
    "missing",
    "open_index",
    "page",
    "rebuild",
    "stamp",
]

PAGE = 50
_ASKED_AT_ONCE = 500
_MODULUS = 2**61 - 1  # a sum of two fits a signed 64-bit integer
_RATIO, _MEMORY = "latency_ratio", "memory_peak_mb"


@dataclass(frozen=True)
class Candidate:
    """A record with what its board needs beside it."""

    record: Record
    spec: BoardSpec
    replicates: BootstrapDraws | None


@dataclass(frozen=True)
class Listing:
    """A board in the list of boards: how many records and rows it has, when the latest record was started
    (seconds since 1970)."""

    key: BoardKey
    title: str
    records: int
    rows: int
    latest: float


def add(engine: sa.Engine, new: Candidate) -> bool:
    """Put a record on its board and rank the board anew; False where it was there already.

    All or nothing. Raises ``ValueError`` where its replicates come from other resamples than the board's.
    """
    board = BoardKey.of(new.record).id
    with writing(engine) as connection:
        if not _insert_record(connection, board, new):
            return False
        change = _place(connection, board, new)
        if change is not None:
            settle(connection, board, new.spec, change)
        return True


def rebuild(engine: sa.Engine, all_: Iterable[Candidate]) -> int:
    """Drop the index and fill it anew with what the ledger holds; the number of records.

    One transaction: who reads meanwhile sees the index as it was (SQLite) or waits (PostgreSQL), and a
    rebuild that is cut short changes nothing.
    """
    with writing(engine) as connection:
        empty(connection)
        specs: dict[str, BoardSpec] = {}
        count = 0
        for new in all_:
            board = BoardKey.of(new.record).id
            if _insert_record(connection, board, new):
                _place(connection, board, new)
                specs[board] = new.spec
                count += 1
        for board, spec in specs.items():
            settle(connection, board, spec)
        return count


def missing(engine: sa.Engine, record_ids: Sequence[str]) -> list[str]:
    """Those of the ids that the index does not hold."""
    held: set[str] = set()
    with reading(engine) as connection:
        for start in range(0, len(record_ids), _ASKED_AT_ONCE):
            asked = record_ids[start : start + _ASKED_AT_ONCE]
            held |= set(connection.scalars(sa.select(RECORDS.c.id).where(RECORDS.c.id.in_(asked))))
    return [one for one in record_ids if one not in held]


def listings(
    engine: sa.Engine, task: str | None = None, profile: str | None = None, variant: str | None = None
) -> tuple[Listing, ...]:
    """The boards there are, narrowed as asked: newest task version first, then the latest record."""
    wanted = {BOARDS.c.task: task, BOARDS.c.profile: profile, BOARDS.c.variant: variant}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    query = sa.select(BOARDS).where(*conditions)
    order = (BOARDS.c.task, BOARDS.c.version.desc(), BOARDS.c.latest.desc(), BOARDS.c.id)
    with reading(engine) as connection:
        return tuple(_listing(row) for row in connection.execute(query.order_by(*order)))


def page(engine: sa.Engine, key: BoardKey, offset: int = 0, limit: int | None = PAGE) -> Board | None:
    """Rows ``offset`` … of a board, all with ``limit`` None; None where there is no such board."""
    with reading(engine) as connection:
        boards = connection.execute(sa.select(BOARDS).where(BOARDS.c.task == key.task)).all()
        wanted = key.id
        board = next((row for row in boards if row.id == wanted), None)
        if board is None:
            return None
        lines = connection.execute(_lines(offset, limit), {"board": board.id}).all()
        late = [line.place for line in lines if line.rank is None and not line.bottom]
        ranks = _ranks_by_value(connection, key.id, late[0], late[-1]) if late else {}
    return Board(
        spec=BoardSpec.from_json(board.spec),
        key=key,
        rows=tuple(_row(line, ranks) for line in lines),
        prizes=prizes_from_json(board.prizes),
        notes=_notes([_listing(row) for row in boards], key),
        total=board.rows,
        offset=offset,
    )


def all_profiles(engine: sa.Engine, key: BoardKey) -> list[Board]:
    """Read every board that differs from ``key`` in nothing but the profile, whole."""
    keys = [
        listing.key
        for listing in listings(engine, key.task, variant=key.variant)
        if replace(listing.key, profile=key.profile) == key
    ]
    return [board for key in keys if (board := page(engine, key, limit=None))]


def stamp(engine: sa.Engine, key: BoardKey) -> str | None:
    """What changes whenever a page of the board may: an ETag, or what a page may be kept under.

    None where there is no such board. The notes of a board tell of others, so all of the task's count.
    """
    state = sa.select(BOARDS.c.id, BOARDS.c.digest, BOARDS.c.spec).where(BOARDS.c.task == key.task)
    with reading(engine) as connection:
        boards = sorted(map(tuple, connection.execute(state)))
    if key.id not in {board[0] for board in boards}:
        return None
    return hashlib.sha256(json.dumps([key.id, boards]).encode()).hexdigest()[:32]


@lru_cache(maxsize=256)
def _lines(offset: int, limit: int | None) -> sa.Select[Any]:
    """The query for the rows of one page, kept: making it costs as much as asking it.

    What is skipped is skipped in the index, before anything is joined.
    """
    mine = STANDINGS.c.board == sa.bindparam("board")
    keys = (
        sa.select(STANDINGS.c.row_key).where(mine).order_by(*IN_ORDER).offset(offset).limit(limit).subquery()
    )
    shown = (STANDINGS.c[name] for name in ("rank", "pareto", "valid", "place", "bottom"))
    return (
        sa.select(*shown, RECORDS.c.row)
        .join_from(keys, STANDINGS, sa.and_(mine, STANDINGS.c.row_key == keys.c.row_key))
        .join(RECORDS, RECORDS.c.id == STANDINGS.c.record)
        .order_by(*IN_ORDER)
    )


def _row(line: Any, ranks: Mapping[tuple[float, int], int]) -> Row:
    by_value = None if line.bottom else ranks.get((line.place, line.valid))
    return row_from_json(line.row, line.rank or by_value, bool(line.pareto))


def _ranks_by_value(
    connection: sa.Connection, board: str, first: float, last: float
) -> dict[tuple[float, int], int]:
    """(place, valid) -> rank, for rows beyond those that tests rank: one plus how many are better.

    A valid row counts the valid ones, a provisional row all.
    """
    here, place = sa.and_(STANDINGS.c.board == board, STANDINGS.c.bottom == 0), STANDINGS.c.place
    counts = (sa.func.count(), sa.func.coalesce(sa.func.sum(STANDINGS.c.valid), 0))
    everyone, valid = connection.execute(sa.select(*counts).where(here, place < first)).one()
    groups = sa.select(place, *counts).where(here, place.between(first, last)).group_by(place).order_by(place)
    ranks: dict[tuple[float, int], int] = {}
    for value, more, more_valid in connection.execute(groups):
        ranks |= {(value, 0): everyone + 1, (value, 1): valid + 1}
        everyone, valid = everyone + more, valid + more_valid
    return ranks


def _insert_record(connection: sa.Connection, board: str, new: Candidate) -> bool:
    """Insert the record, and its board where it is the first; False where the index holds it already."""
    record, key = new.record, BoardKey.of(new.record)
    started = datetime.fromisoformat(record.started).timestamp()
    fields = {**asdict(key), "spec": new.spec.to_json(), "prizes": "[]", "latest": started, "digest": 0}
    counts = dict.fromkeys(("records", "rows", "ranked", "valid"), 0)
    made = insert(connection, BOARDS).values(id=board, **fields, **counts)
    # The update locks the board's line: who adds to one board takes turns.
    connection.execute(made.on_conflict_do_update(index_elements=["id"], set_={"spec": made.excluded.spec}))
    measure = record.metrics.get(new.spec.metric.name)
    values = {
        "id": record.id,
        "board": board,
        "row_key": row_key(record),
        "validity": record.validity.state,
        "row": row_to_json(row_of(record, new.spec)),
        "value": measure.value if measure else None,
        "started": started,
    }
    inserted = insert(connection, RECORDS).values(values).on_conflict_do_nothing().returning(RECORDS.c.id)
    if connection.scalar(inserted) is None:
        return False
    later = sa.case((BOARDS.c.latest < started, started), else_=BOARDS.c.latest)
    digest = (BOARDS.c.digest + int(record.id, 16) % _MODULUS) % _MODULUS
    _count(connection, board, records=1, latest=later, digest=digest)
    return True


def _place(connection: sa.Connection, board: str, new: Candidate) -> Change | None:
    """Let the record stand for its team where it is the best so far; None where it is not."""
    values = _standing(board, new)
    mine = sa.and_(STANDINGS.c.board == board, STANDINGS.c.row_key == values["row_key"])
    before = connection.execute(sa.select(STANDINGS).where(mine)).one_or_none()
    if before is not None and _merit(before._mapping) <= _merit(values):
        return None
    written = insert(connection, STANDINGS).values(values)
    connection.execute(written.on_conflict_do_update(index_elements=["board", "row_key"], set_=values))
    if before is not None:
        connection.execute(sa.delete(REPLICATES).where(REPLICATES.c.record == before.record))
    if new.replicates is not None and not values["bottom"]:
        held = {"clusters": new.replicates.clusters, "draws": new.replicates.packed()}
        connection.execute(sa.insert(REPLICATES).values(record=new.record.id, **held))
    after = connection.execute(sa.select(STANDINGS).where(mine)).one()
    _count(
        connection,
        board,
        rows=int(before is None),
        ranked=int(not after.bottom) - int(before is not None and not before.bottom),
        valid=after.valid - (before.valid if before is not None else 0),
    )
    return Change(before, after)


def _standing(board: str, new: Candidate) -> dict[str, Any]:
    record, spec = new.record, new.spec
    ranks = can_rank(record, spec)
    measure = record.metrics.get(spec.metric.name)
    value = measure.value if measure is not None and ranks else None
    started = datetime.fromisoformat(record.started).timestamp()
    ratio, memory = record.metrics.get(_RATIO), record.metrics.get(_MEMORY)
    sign = -1 if spec.metric.goal == "max" else 1
    latency = record.latency
    return {
        "board": board,
        "row_key": row_key(record),
        "record": record.id,
        "mark": "reference" if row_of(record, spec).role == "reference" else "",
        "bottom": int(not ranks),
        "valid": int(ranks and record.validity.state == "valid"),
        "place": -started if value is None else sign * value,
        "started": started,
        "value": value,
        "ratio": ratio.value if ratio else None,
        "ratio_low": ratio.low if ratio else None,
        "ratio_high": ratio.high if ratio else None,
        "log_mean": latency.log_mean if latency else None,
        "log_se": latency.standard_error if latency else None,
        "log_df": latency.degrees_of_freedom if latency else None,
        "margin": latency.margin if latency else None,
        "memory_mb": memory.value if memory else None,
        "rank": None,
        "pareto": 0,
    }


def _merit(standing: Mapping[Any, Any]) -> tuple[Any, ...]:
    """What makes one record of a team stand for it rather than another: the smaller the better."""
    valid_first = 1 - standing["valid"]
    return standing["bottom"], valid_first, standing["place"], standing["started"], standing["record"]


def _count(connection: sa.Connection, board: str, **more: object) -> None:
    """Add to the counts of a board, or set what is not a number."""
    values = {name: BOARDS.c[name] + by if isinstance(by, int) else by for name, by in more.items()}
    connection.execute(sa.update(BOARDS).where(BOARDS.c.id == board).values(values))


def _listing(row: sa.Row[Any]) -> Listing:
    key = BoardKey(row.task, row.version, row.data, row.variant, row.sha256, row.profile, row.scenario)
    return Listing(key, BoardSpec.from_json(row.spec).title, row.records, row.rows, row.latest)


def _notes(boards: Iterable[Listing], key: BoardKey) -> tuple[str, ...]:
    """What records of this task are not on this board, because they must not be mixed with it."""
    apart: Counter[str] = Counter()
    for listing in boards:
        other = listing.key
        if other.version != key.version:
            apart[f"of task version {other.version}"] += listing.records
        elif (other.data, other.variant) != (key.data, key.variant):
            apart[f"of other data ({other.data} {other.variant})"] += listing.records
        elif other.sha256 != key.sha256:
            apart[f"of other {other.data} {other.variant} data than {key.sha256[:8]}"] += listing.records
        elif other != key:
            apart[f"of profile {other.profile}, {other.scenario.replace('_', ' ')}"] += listing.records
    return tuple(
        f"{count:,} record{'s' if count > 1 else ''} {what} {'are' if count > 1 else 'is'} not shown."
        for what, count in sorted(apart.items())
    )
