"""Where pages read from: the index for boards, the records' folders for what stands behind a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from harness.record import Record
from harness.record import read_record as read_stored
from harness.spec.errors import UnreadableRecord, UserError
from leaderboards.boards.board import Board
from leaderboards.boards.closing import Final
from leaderboards.boards.records import row_key
from leaderboards.boards.rows import Row, row_from_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index
from leaderboards.store.publishing import read_final
from leaderboards.store.rows import IN_ORDER
from leaderboards.store.tables import BOARDS, RECORDS, STANDINGS, reading

PLOTTED = 250
"""How many rows of a long board its scatter shows, beside those on the Pareto front; tests rank them all."""


class Missing(UserError):
    """A page was asked for something that is not here."""


@dataclass(frozen=True)
class Source:
    """The home folder and its index."""

    home: Path
    engine: sa.Engine


@dataclass(frozen=True)
class Standing:
    """How a record stands on its board; ``by`` is the record its team is shown with instead, if any."""

    board: str
    rank: int | None
    by: str | None


def find_board(source: Source, board_id: str) -> tuple[BoardKey, BoardSpec]:
    """The board of that id. Raises Missing where there is none."""
    query = sa.select(BOARDS).where(BOARDS.c.id == board_id)
    with reading(source.engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise Missing(f"there is no board {board_id}; the list of boards shows all that are here")
    return index.key_of(row), BoardSpec.from_json(row.spec)


def find_final(source: Source, key: BoardKey) -> Final:
    """How a board was closed. Raises Missing while it is open."""
    found = read_final(source.home, key)
    if found is None:
        raise Missing("this board is open: the private split has not been scored")
    return found


def read_board(source: Source, key: BoardKey, offset: int = 0, limit: int | None = index.PAGE) -> Board:
    """Rows of a board in its own order. Raises Missing where it went away."""
    board = index.page(source.engine, key, offset, limit)
    if board is None:
        raise Missing(f"there is no board of {key.task} any more; the index may just be rebuilt")
    return board


def plotted_rows(source: Source, key: BoardKey) -> Sequence[Row]:
    """Of a long board the first rows and those on the front."""
    in_order = (
        sa.select(STANDINGS.c.record)
        .where(STANDINGS.c.board == key.id, STANDINGS.c.bottom == 0)
        .order_by(*IN_ORDER)
        .limit(PLOTTED)
    )
    on_front = sa.select(STANDINGS.c.record).where(STANDINGS.c.board == key.id, STANDINGS.c.pareto == 1)
    with reading(source.engine) as connection:
        wanted = [*connection.scalars(in_order), *connection.scalars(on_front.limit(PLOTTED))]
        lines = connection.execute(
            sa.select(RECORDS.c.row, STANDINGS.c.rank, STANDINGS.c.pareto)
            .join(STANDINGS, RECORDS.c.id == STANDINGS.c.record)
            .where(STANDINGS.c.board == key.id, STANDINGS.c.record.in_(wanted))
            .order_by(*IN_ORDER)
        ).all()
    return [row_from_json(line.row, line.rank, bool(line.pareto)) for line in lines]


def record_folder(source: Source, record_id: str) -> Path:
    """The folder of a record. Raises Missing where this machine does not hold it."""
    folder = source.home / "records" / record_id
    if not (folder / "record.json").is_file():
        raise Missing(f"the folder of record {record_id} is not on this machine; boards show its line")
    return folder


def read_record(source: Source, record_id: str) -> Record:
    """One record. Raises Missing where it is not here or cannot be read."""
    folder = record_folder(source, record_id)
    try:
        return read_stored(folder)
    except UnreadableRecord as error:
        raise Missing(
            f"record {record_id} cannot be shown: its file was changed or damaged, or has a newer schema"
        ) from error


def read_standing(source: Source, record: Record) -> Standing | None:
    """How a record stands on its board; None where the index does not hold it."""
    board = BoardKey.of(record).id
    mine = sa.and_(STANDINGS.c.board == board, STANDINGS.c.row_key == row_key(record))
    with reading(source.engine) as connection:
        held = connection.scalar(sa.select(RECORDS.c.id).where(RECORDS.c.id == record.id))
        line = connection.execute(sa.select(STANDINGS.c.record, STANDINGS.c.rank).where(mine)).one_or_none()
    if held is None or line is None:
        return None
    shown = line.record == record.id
    return Standing(board, line.rank if shown else None, None if shown else line.record)
