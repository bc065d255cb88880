"""Where pages read from: the index for boards, the record folders for everything behind a row."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from harness.record import Record
from harness.record import read_record as read_stored
from harness.spec import Task
from harness.spec.errors import UnreadableRecord, UserError
from leaderboards.boards.board import Board
from leaderboards.boards.closing import Final
from leaderboards.boards.records import row_key
from leaderboards.boards.rows import Place, Row, row_from_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index
from leaderboards.store.database import reading
from leaderboards.store.publishing import fetched, read_final
from leaderboards.store.rows import IN_ORDER
from leaderboards.store.tables import BOARDS, RECORDS, STANDINGS
from leaderboards.web.folder import pictures

_LOG = logging.getLogger(__name__)
PLOTTED = 250
"""How many rows of a long board its scatter shows, beside those on the Pareto front; tests rank them all."""


OPPONENTS = 200
"""How many entries of a board are offered to be compared with."""


class Missing(UserError):
    """The address names something that this server does not have."""


@dataclass(frozen=True)
class KnownTasks:
    """The tasks that this machine has: their names, one by its name, and the names of its shipped entries."""

    names: tuple[str, ...]
    find: Callable[[str], Task]
    entries: Callable[[Task], Sequence[str]]


@dataclass(frozen=True)
class Source:
    """The home folder, its index, and the tasks that have a page here; none where they are not known."""

    home: Path
    engine: sa.Engine
    tasks: KnownTasks | None = None

    def task(self, name: str) -> Task | None:
        """Return a task by name; None where it is not known here."""
        return self.tasks.find(name) if self.tasks and name in self.tasks.names else None


@dataclass(frozen=True)
class RecordRank:
    """The rank of a record on its board; ``better`` is its team's better record that the board shows."""

    board: str
    rank: int | None
    better: str | None


def find_board(source: Source, board_id: str) -> tuple[BoardKey, BoardSpec]:
    """Return the key and the spec of a board. Raises Missing where there is none."""
    with reading(source.engine) as connection:
        rows = connection.execute(sa.select(BOARDS).order_by(BOARDS.c.latest.desc())).all()
    keys = [index.key_of(row) for row in rows]
    for names in ([key.id for key in keys], [key.any_hardware.id for key in keys]):
        if board_id in names:  # addresses from before there were classes of hardware lead to the latest board
            at = names.index(board_id)
            return keys[at], BoardSpec.from_json(rows[at].spec)
    raise Missing(f"there is no board {board_id}; the home page lists all boards")


def find_final(source: Source, key: BoardKey) -> Final:
    """Return the result of closing a board. Raises Missing while it is open."""
    final = read_final(source.home, key)
    if final is None:
        raise Missing("this board is open: the private split has not been scored")
    return final


def read_board(source: Source, key: BoardKey, offset: int = 0, limit: int | None = index.PAGE) -> Board:
    """Read rows of a board in its own order. Raises Missing where the board was removed."""
    board = index.page(source.engine, key, offset, limit)
    if board is None:
        raise Missing(f"this board of {key.task} is gone; the index may be in the middle of a rebuild")
    return board


def plotted_rows(source: Source, key: BoardKey) -> Sequence[Row]:
    """Read the rows that a scatter shows: the first ones and those on the front."""
    in_order = (
        sa.select(STANDINGS.c.record)
        .where(STANDINGS.c.board == key.id, STANDINGS.c.unranked == 0)
        .order_by(*IN_ORDER)
        .limit(PLOTTED)
    )
    on_front = sa.select(STANDINGS.c.record).where(STANDINGS.c.board == key.id, STANDINGS.c.pareto == 1)
    with reading(source.engine) as connection:
        records = [*connection.scalars(in_order), *connection.scalars(on_front.limit(PLOTTED))]
        rows = connection.execute(
            sa.select(RECORDS.c.row, STANDINGS.c.rank, STANDINGS.c.pareto)
            .join(STANDINGS, RECORDS.c.id == STANDINGS.c.record)
            .where(STANDINGS.c.board == key.id, STANDINGS.c.record.in_(records))
            .order_by(*IN_ORDER)
        ).all()
    return [row_from_json(row.row, Place(row.rank, bool(row.pareto))) for row in rows]


def record_folder(source: Source, record_id: str) -> Path:
    """Return the folder of a record, or a copy that is fetched from the store of artifacts.

    Raises Missing where neither has it.
    """
    folder = source.home / "records" / record_id
    if (folder / "record.json").is_file():
        return folder
    missing = f"the folder of record {record_id} is not on this machine; boards show its row only"
    with reading(source.engine) as connection:
        known = connection.scalar(sa.select(RECORDS.c.id).where(RECORDS.c.id == record_id))
    try:
        copy = fetched(source.home, record_id) if known else None
    except (UserError, UnreadableRecord, OSError) as error:  # its text names what visitors need not know
        _LOG.warning("record %s: %s", record_id, error)
        raise Missing(f"{missing}, for the store of artifacts does not give it; the log says why") from error
    if copy is None:
        raise Missing(missing)
    return copy


def read_record(source: Source, record_id: str) -> Record:
    """Read one record. Raises Missing where it is not here or cannot be read."""
    folder = record_folder(source, record_id)
    try:
        return read_stored(folder)
    except UnreadableRecord as error:
        raise Missing(
            f"record {record_id} cannot be shown: its file was changed or damaged, or has a newer schema"
        ) from error


def read_rank(source: Source, record: Record) -> RecordRank | None:
    """Read the rank of a record on its board; None where the index does not hold the record."""
    board = BoardKey.of(record).id
    where = sa.and_(STANDINGS.c.board == board, STANDINGS.c.row_key == row_key(record))
    with reading(source.engine) as connection:
        known = connection.scalar(sa.select(RECORDS.c.id).where(RECORDS.c.id == record.id))
        row = connection.execute(sa.select(STANDINGS.c.record, STANDINGS.c.rank).where(where)).one_or_none()
    if known is None or row is None:
        return None
    shown = row.record == record.id
    return RecordRank(board, row.rank if shown else None, None if shown else row.record)


def opponents(source: Source, key: BoardKey, record_id: str) -> list[tuple[str, str]]:
    """List the first entries of the board that a record may be compared with, as record and name."""
    rows = read_board(source, key, 0, OPPONENTS).rows
    return [
        (row.record, f"{row.rank_label}  {row.entry.name}")
        for row in rows
        if row.record != record_id and row.rank is not None
    ]


def picture_path(source: Source, record_id: str, name: str) -> Path:
    """Return the path of an example picture. Raises Missing where the record has none of that name."""
    where = record_folder(source, record_id)
    if name not in pictures(where):
        raise Missing("this record has no such picture")
    return where / "images" / name
