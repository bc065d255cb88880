"""What boards are read from: indexed tables that can be rebuilt from the ledger at any time.

SQLite at ``HOME/index.db`` by default; ``PHOTOFINISH_INDEX_URL`` names another database (PostgreSQL).
Ranks, prizes and front are computed when a record is added, so that a page is one short range of an index.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from leaderboards.boards.board import Board
from leaderboards.boards.parity import few_clusters_notes, untested_notes
from leaderboards.boards.rows import Place, Row, row_from_json
from leaderboards.boards.spec import OPEN_DATA_NOTE, BoardKey, BoardSpec
from leaderboards.store.adding import Candidate, add, rebuild
from leaderboards.store.database import open_index, reading
from leaderboards.store.rows import IN_ORDER, parity
from leaderboards.store.standings import prizes_from_json
from leaderboards.store.tables import ARCHIVED, BOARDS, BOOTSTRAP_DRAWS, RECORDS, STANDINGS

__all__ = [
    "Candidate",
    "Listing",
    "add",
    "all_profiles",
    "exists",
    "listings",
    "missing",
    "open_index",
    "outdated",
    "page",
    "rebuild",
    "stamp",
]

PAGE = 50
_IDS_A_QUERY = 500


@dataclass(frozen=True)
class Listing:
    """A board in the list of boards. ``latest``: when its latest record started, seconds since 1970.

    ``suffix`` names the hardware behind the profile where there are boards of several classes, else nothing.
    """

    key: BoardKey
    title: str
    records: int
    rows: int
    latest: float
    open_data: bool = False
    suffix: str = ""


def exists(home: Path) -> bool:
    """Say whether there is an index to open, without creating one."""
    return bool(os.environ.get("PHOTOFINISH_INDEX_URL")) or (home / "index.db").is_file()


def missing(engine: sa.Engine, record_ids: Sequence[str]) -> list[str]:
    """Return those of the ids that the index does not hold, neither on a board nor as archived."""
    present: set[str] = set()
    with reading(engine) as connection:
        for start in range(0, len(record_ids), _IDS_A_QUERY):
            ids = record_ids[start : start + _IDS_A_QUERY]
            for column in (RECORDS.c.id, ARCHIVED.c.record):
                present |= set(connection.scalars(sa.select(column).where(column.in_(ids))))
    return [id_ for id_ in record_ids if id_ not in present]


def beginning(engine: sa.Engine, prefix: str) -> list[str]:
    """Return the ids of the records on boards that begin so."""
    with reading(engine) as connection:
        return list(connection.scalars(sa.select(RECORDS.c.id).where(RECORDS.c.id.startswith(prefix))))


def outdated(engine: sa.Engine) -> bool:
    """Say whether a board was filled by the rules of an older version, so that the index is to be rebuilt."""
    with reading(engine) as connection:
        return bool(connection.scalar(sa.select(sa.func.max(BOARDS.c.outdated))))


def listings(
    engine: sa.Engine, task: str | None = None, profile: str | None = None, variant: str | None = None
) -> tuple[Listing, ...]:
    """List the boards of a task, profile and variant: newest task version first, then the latest record."""
    wanted = {BOARDS.c.task: task, BOARDS.c.profile: profile, BOARDS.c.variant: variant}
    conditions = [column == value for column, value in wanted.items() if value is not None]
    query = sa.select(BOARDS).where(*conditions)
    order = (BOARDS.c.task, BOARDS.c.version.desc(), BOARDS.c.latest.desc(), BOARDS.c.id)
    with reading(engine) as connection:
        return _listings(connection.execute(query.order_by(*order)).all())


def page(engine: sa.Engine, key: BoardKey, offset: int = 0, limit: int | None = PAGE) -> Board | None:
    """Read rows ``offset`` … of a board (all with ``limit`` None); None where there is no such board."""
    with reading(engine) as connection:
        boards = connection.execute(sa.select(BOARDS).where(BOARDS.c.task == key.task)).all()
        board_id = key.id
        board = next((row for row in boards if row.id == board_id), None)
        if board is None:
            return None
        rows = connection.execute(_rows_query(offset, limit), {"board": board_id}).all()
        untested = [row.sort_key for row in rows if row.rank is None and not row.unranked]
        ranks = _ranks_by_value(connection, board_id, untested[0], untested[-1]) if untested else {}
        clusters = _clusters(connection, board_id)
    spec = BoardSpec.from_json(board.spec)
    shown = tuple(_row(row, ranks) for row in rows)
    about = (OPEN_DATA_NOTE,) if spec.open_data else ()
    notes = (*about, *few_clusters_notes(clusters, spec), *untested_notes(shown, spec))
    listed = _listings(boards)
    return Board(
        spec=spec,
        key=key,
        rows=shown,
        prizes=prizes_from_json(board.prizes),
        notes=(*notes, *_notes(listed, key)),
        total=board.rows,
        offset=offset,
        suffix=next(one.suffix for one in listed if one.key == key),
    )


def _clusters(connection: sa.Connection, board: str) -> int | None:
    """Read how many clusters the draws of a board were resampled from; None where no row has draws."""
    query = (
        sa.select(BOOTSTRAP_DRAWS.c.clusters)
        .join(STANDINGS, STANDINGS.c.record == BOOTSTRAP_DRAWS.c.record)
        .where(STANDINGS.c.board == board)
        .limit(1)
    )
    clusters: int | None = connection.scalar(query)
    return clusters


def all_profiles(engine: sa.Engine, key: BoardKey) -> list[Board]:
    """Read every board that differs from ``key`` in nothing but the profile and the hardware, whole."""
    keys = [
        listing.key
        for listing in listings(engine, key.task, variant=key.variant)
        if replace(listing.key, profile=key.profile, hardware=key.hardware) == key
    ]
    return [board for key in keys if (board := page(engine, key, limit=None))]


def stamp(engine: sa.Engine, key: BoardKey) -> str | None:
    """Return a text that changes whenever a page of the board may, to cache the page under.

    None where there is no such board. All boards of the task count, because the notes of one name the others.
    """
    state = sa.select(BOARDS.c.id, BOARDS.c.digest, BOARDS.c.spec).where(BOARDS.c.task == key.task)
    with reading(engine) as connection:
        boards = sorted(map(tuple, connection.execute(state)))
    if key.id not in {board[0] for board in boards}:
        return None
    return hashlib.sha256(json.dumps([key.id, boards]).encode()).hexdigest()[:32]


@lru_cache(maxsize=256)
def _rows_query(offset: int, limit: int | None) -> sa.Select[Any]:
    """Build the query for the rows of one page; it is cached, since building takes as long as executing.

    Rows before the offset are skipped in the index, before anything is joined.
    """
    mine = STANDINGS.c.board == sa.bindparam("board")
    keys = (
        sa.select(STANDINGS.c.row_key).where(mine).order_by(*IN_ORDER).offset(offset).limit(limit).subquery()
    )
    columns = (STANDINGS.c[name] for name in ("rank", "pareto", "parity", "valid", "sort_key", "unranked"))
    return (
        sa.select(*columns, RECORDS.c.row)
        .join_from(keys, STANDINGS, sa.and_(mine, STANDINGS.c.row_key == keys.c.row_key))
        .join(RECORDS, RECORDS.c.id == STANDINGS.c.record)
        .order_by(*IN_ORDER)
    )


def _row(row: sa.Row[Any], ranks: Mapping[tuple[float, int], int]) -> Row:
    by_value = None if row.unranked else ranks.get((row.sort_key, row.valid))
    return row_from_json(row.row, Place(row.rank or by_value, bool(row.pareto), parity(row)))


def _ranks_by_value(
    connection: sa.Connection, board: str, first: float, last: float
) -> dict[tuple[float, int], int]:
    """Rank the rows beyond the tested ones by value: (sort key, valid) -> one plus the number of better rows.

    ``first`` and ``last`` are sort keys. A valid row counts better valid rows, a provisional one all of them.
    """
    here, sort_key = sa.and_(STANDINGS.c.board == board, STANDINGS.c.unranked == 0), STANDINGS.c.sort_key
    counts = (sa.func.count(), sa.func.coalesce(sa.func.sum(STANDINGS.c.valid), 0))
    everyone, valid = connection.execute(sa.select(*counts).where(here, sort_key < first)).one()
    equals = sa.select(sort_key, *counts).where(here, sort_key.between(first, last))
    ranks: dict[tuple[float, int], int] = {}
    for key, more, more_valid in connection.execute(equals.group_by(sort_key).order_by(sort_key)):
        ranks |= {(key, 0): everyone + 1, (key, 1): valid + 1}
        everyone, valid = everyone + more, valid + more_valid
    return ranks


def key_of(row: sa.Row[Any]) -> BoardKey:
    """Read the key of a row of ``boards``."""
    return BoardKey(**{part.name: getattr(row, part.name) for part in fields(BoardKey)})


def _listings(rows: Sequence[sa.Row[Any]]) -> tuple[Listing, ...]:
    """Read boards; all of those that differ in nothing but their hardware must be among them."""
    classes = Counter(key_of(row).any_hardware for row in rows)

    def listing(row: sa.Row[Any]) -> Listing:
        spec, key = BoardSpec.from_json(row.spec), key_of(row)
        suffix = key.suffix if classes[key.any_hardware] > 1 else ""
        return Listing(key, spec.title, row.records, row.rows, row.latest, spec.open_data, suffix)

    return tuple(map(listing, rows))


def _notes(boards: Iterable[Listing], key: BoardKey) -> tuple[str, ...]:
    """Count the records of this task that are on other boards, because they cannot be compared with these."""
    elsewhere: Counter[str] = Counter()
    for listing in boards:
        other = listing.key
        if other.version != key.version:
            elsewhere[f"of task version {other.version}"] += listing.records
        elif (other.data, other.variant) != (key.data, key.variant):
            elsewhere[f"of other data ({other.data} {other.variant})"] += listing.records
        elif other.sha256 != key.sha256:
            elsewhere[f"of other {other.data} {other.variant} data than {key.sha256[:8]}"] += listing.records
        elif other != key and other.any_hardware == key.any_hardware:
            elsewhere[f"of other hardware ({other.profile}{other.suffix})"] += listing.records
        elif other != key:
            scenario = other.scenario.replace("_", " ")
            elsewhere[f"of profile {other.profile}, {scenario}"] += listing.records
    return tuple(
        f"{count:,} record{'s' if count > 1 else ''} {where} {'are' if count > 1 else 'is'} not shown."
        for where, count in sorted(elsewhere.items())
    )
