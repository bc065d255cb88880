"""How the database of the index is opened, read and written.

SQLite at ``HOME/index.db`` by default; ``PHOTOFINISH_INDEX_URL`` names another database (PostgreSQL).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from harness.spec.errors import UserError
from leaderboards.store import versions
from leaderboards.store.tables import SCHEMA

_WAIT_S = 60
_LOCK = 0x70686F746F  # any number that others are unlikely to use


_DAMAGED = ("not a database", "malformed", "no such table", "no such column", "unable to open")


class UnusableIndex(UserError):
    """The database of the index cannot be opened, read or written."""


def open_index(home: Path) -> sa.Engine:
    """Open the home's index, or the one ``PHOTOFINISH_INDEX_URL`` names; made where it does not exist.

    Tables of an older version are migrated. Raises UserError where they are of a newer one, UnusableIndex
    where the database is damaged or out of reach.
    """
    url = os.environ.get("PHOTOFINISH_INDEX_URL") or _own_url(home)
    try:
        engine = engine_for(url)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise UnusableIndex(
            f"PHOTOFINISH_INDEX_URL names no database ({error}): {url}; give an address such as "
            "sqlite:///FILE or postgresql://HOST/NAME, or unset it"
        ) from error
    with reading(engine) as connection:
        up_to_date = versions.is_newest(connection)
    if not up_to_date:
        with _transaction(engine, alone=True) as connection:
            versions.migrate(connection)
    return engine


def engine_for(url: str) -> sa.Engine:
    """Make an engine whose transactions begin at once where they write (``writes`` among its options).

    Raises what SQLAlchemy raises where the address names no database.
    """
    engine = sa.create_engine(with_driver(url))
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _read_sqlite if "mode=ro" in url else _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    if engine.dialect.name == "postgresql":
        sa.event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _own_url(home: Path) -> str:
    """Name the database of a home. One in a folder that cannot be written is opened for reading alone."""
    home.mkdir(parents=True, exist_ok=True)
    path = home.resolve() / "index.db"
    if os.access(home, os.W_OK):
        return sa.URL.create("sqlite", database=str(path)).render_as_string()
    # SQLite reads without files beside the database only where it is told that nobody writes.
    alone = {} if path.with_name("index.db-wal").exists() else {"immutable": "1"}
    query = {"mode": "ro", "uri": "true", **alone}
    return sa.URL.create("sqlite", database=path.as_uri(), query=query).render_as_string()


def move_damaged(home: Path) -> Path | None:
    """Move the home's own index aside where it is damaged; return where to, or None where it is not.

    Raises UnusableIndex for any other reason why it cannot be used.
    """
    path = home / "index.db"
    if os.environ.get("PHOTOFINISH_INDEX_URL") or not os.path.lexists(path):  # a broken link is damaged, too
        return None
    try:
        engine = open_index(home)
        with _explained(engine), engine.connect() as connection:
            said = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
            for table in SCHEMA.sorted_tables:
                connection.execute(sa.select(table).limit(1)).all()
        engine.dispose()
        if said == "ok":
            return None
    except UnusableIndex as error:
        if not any(reason in str(error) for reason in _DAMAGED):
            raise
    aside = path.with_name("index.db.damaged")
    if aside.is_dir():
        aside = path.with_name(f"index.db.damaged-{os.getpid()}")
    path.replace(aside)
    for name in ("index.db-wal", "index.db-shm"):
        path.with_name(name).unlink(missing_ok=True)
    return aside


@contextmanager
def _explained(engine: sa.Engine) -> Iterator[None]:
    """Raise UnusableIndex, which names the database and the cure, where the database itself fails."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        if type(error) not in {sa.exc.DatabaseError, sa.exc.OperationalError}:
            raise
        own = not os.environ.get("PHOTOFINISH_INDEX_URL")
        where = engine.url.database if own else engine.url.render_as_string()
        cure = "'boards rebuild' makes it again from MLflow" if own else "look at PHOTOFINISH_INDEX_URL"
        reason = " ".join(str(error.orig).split())[:200]
        raise UnusableIndex(f"the index {where} cannot be used: {reason}; {cure}") from error


def with_driver(url: str) -> str:
    """Name the driver that is installed where a PostgreSQL address names none."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def writing(engine: sa.Engine, *, alone: bool = False) -> Iterator[sa.Connection]:
    """One transaction that writes; ``alone`` waits for all others and keeps them out.

    Raises UserError where another process migrated the tables to a newer version.
    """
    with _transaction(engine, alone=alone) as connection:
        versions.check(connection)
        yield connection


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that sees a single state of the index from its first query on.

    Raises UserError where the tables are of a newer version and cannot be read any more.
    """
    with _explained(engine), _reading(engine) as connection:
        yield connection


@contextmanager
def _reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    try:
        with engine.connect().execution_options(**options) as connection, connection.begin():
            yield connection
    except sa.exc.DBAPIError:
        with engine.connect() as connection, connection.begin():
            versions.check(connection)
        raise


@contextmanager
def _transaction(engine: sa.Engine, *, alone: bool) -> Iterator[sa.Connection]:
    """In SQLite a transaction that writes is always alone, from its begin on."""
    with (
        _explained(engine),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            lock = sa.func.pg_advisory_xact_lock if alone else sa.func.pg_advisory_xact_lock_shared
            connection.execute(sa.select(lock(_LOCK)))
        yield connection


def insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what to do on a conflict, in the dialect at hand."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def empty(connection: sa.Connection) -> None:
    """Delete every row, within the transaction."""
    for table in SCHEMA.sorted_tables:
        connection.execute(sa.delete(table))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions, not the driver
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_S * 1000}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")


def _read_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute("SET jit = off")  # compiling takes longer than any query here
    connection.commit()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
