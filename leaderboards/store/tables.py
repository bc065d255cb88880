"""The tables of the index and how a database is opened for reading and for writing.

``records`` holds a line for every record, ``standings`` one for every row of a board, ``replicates`` what
the paired tests of those rows need.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

_WAIT_S = 60
_LOCK = 0x70686F746F  # any number that others are unlikely to use
_SCHEMA = sa.MetaData()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


BOARDS = sa.Table(
    "boards",
    _SCHEMA,
    sa.Column("id", sa.Text, primary_key=True),
    *_texts("task", "data", "variant", "sha256", "profile", "scenario", "spec", "prizes"),
    sa.Column("version", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("records", "rows", "ranked", "valid")),
    sa.Column("latest", sa.Double, nullable=False),
    sa.Column("digest", sa.BigInteger, nullable=False),
    sa.Index("boards_by_task", "task"),
)
"""``records`` counts all records, ``rows`` the rows shown, ``ranked`` those with a rank, ``valid`` those
of the ranked that are valid. ``digest`` stands for the set of its records: the sum of their ids, modulo."""

RECORDS = sa.Table(
    "records",
    _SCHEMA,
    sa.Column("id", sa.Text, primary_key=True),
    *_texts("board", "row_key", "validity", "row"),
    sa.Column("value", sa.Double),
    sa.Column("started", sa.Double, nullable=False),
    sa.Index("records_by_time", "board", "started"),
)

STANDINGS = sa.Table(
    "standings",
    _SCHEMA,
    sa.Column("board", sa.Text, primary_key=True),
    sa.Column("row_key", sa.Text, primary_key=True),
    *_texts("record", "mark"),
    sa.Column("bottom", sa.Integer, nullable=False),
    sa.Column("valid", sa.Integer, nullable=False),
    sa.Column("place", sa.Double, nullable=False),
    sa.Column("started", sa.Double, nullable=False),
    sa.Column("value", sa.Double),
    *(sa.Column(name, sa.Double) for name in ("ratio", "ratio_low", "ratio_high")),
    *(sa.Column(name, sa.Double) for name in ("log_mean", "log_se", "log_df", "margin", "memory_mb")),
    sa.Column("rank", sa.Integer),
    sa.Column("pareto", sa.Integer, nullable=False),
    sa.Index(
        "standings_in_order",
        *("board", "bottom", "place", "started", "record"),
        *("row_key", "valid", "ratio", "memory_mb"),  # carried, so that long boards are scanned in the index
    ),
    sa.Index("standings_on_front", "board", "pareto"),
)
"""``place`` sorts a board: the value turned so that less is better, or minus the start of what has no rank.
``rank`` is set for the first rows only (see ``standing``)."""

REPLICATES = sa.Table(
    "replicates",
    _SCHEMA,
    sa.Column("record", sa.Text, primary_key=True),
    sa.Column("clusters", sa.Integer, nullable=False),
    sa.Column("draws", sa.LargeBinary, nullable=False),
)
"""``draws`` are the bootstrap replicates of the metric that ranks, float32, little-endian."""


def open_index(home: Path) -> sa.Engine:
    """Open the home's index, or the one ``PHOTOFINISH_INDEX_URL`` names; made where it does not exist.

    One that another version of this file made is emptied: it can be filled again, so it is never migrated.
    """
    url = os.environ.get("PHOTOFINISH_INDEX_URL")
    if url is None:
        home.mkdir(parents=True, exist_ok=True)
        url = sa.URL.create("sqlite", database=str(home.resolve() / "index.db")).render_as_string()
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = sa.create_engine(url)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    if engine.dialect.name == "postgresql":
        sa.event.listen(engine, "connect", _prepare_postgresql)
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            # Several processes may make the tables at once; here only one at a time.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        if not _as_expected(connection):
            empty(connection)
    return engine


def _as_expected(connection: sa.Connection) -> bool:
    inspector = sa.inspect(connection)
    held = set(inspector.get_table_names())
    return all(
        table.name in held
        and {column["name"] for column in inspector.get_columns(table.name)} == set(table.c.keys())
        for table in _SCHEMA.sorted_tables
    )


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that writes; in SQLite it waits for its turn at once, not half-way."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that sees a single state of the index from its first query on."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what to do on a conflict, in the dialect at hand."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def empty(connection: sa.Connection) -> None:
    """Drop everything and make the tables anew, within the transaction."""
    _SCHEMA.drop_all(connection)
    _SCHEMA.create_all(connection)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_S * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute("SET jit = off")  # compiling takes longer than any query here
    connection.commit()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
