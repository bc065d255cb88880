"""How the database of competitions is opened, read and written.

SQLite at ``HOME/competitions/competitions.db`` by default; ``PHOTOFINISH_COMPETITIONS_URL`` names another
database (PostgreSQL). What was accepted is on the disk before anybody is told so.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from harness.spec.errors import UserError
from leaderboards.store.database import engine_for

URL = "PHOTOFINISH_COMPETITIONS_URL"
MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "competition_version"
_LOCK = 0x636F6D7065  # any number that others are unlikely to use
_TURNS: WeakKeyDictionary[sa.Engine, threading.Lock] = WeakKeyDictionary()
_MAKING = threading.Lock()
_KEEPS = "keeps what was accepted"
"""Marks connections whose transactions are on the disk before they are over."""


class UnusableDatabase(UserError):
    """The database of competitions cannot be opened, read or written."""


def folder_of(home: Path) -> Path:
    """Return the folder of the home in which competitions keep their files."""
    return home / "competitions"


def open_database(home: Path, *, durable: bool = True) -> sa.Engine:
    """Open the database of competitions; it is made where it does not exist.

    Without ``durable`` a power failure may undo the last transactions, as a worker's may be: its job is then
    done again. Raises UserError where it cannot be used, or was migrated by a newer version.
    """
    url = os.environ.get(URL) or ""
    if not url:
        folder_of(home).mkdir(mode=0o711, parents=True, exist_ok=True)
        path = folder_of(home).resolve() / "competitions.db"
        url = sa.URL.create("sqlite", database=str(path)).render_as_string()
    try:
        engine = engine_for(url)
        if engine.dialect.name == "sqlite" and durable:
            sa.event.listen(engine, "connect", _keep_what_was_accepted)
        with reading(engine) as connection:
            version = _version(connection)
        if version != _known()[-1]:
            _migrate(engine)
    except (sa.exc.ArgumentError, ImportError) as error:
        raise UnusableDatabase(
            f"{URL} names no database ({error}): {url}; give another, or unset it"
        ) from error
    return engine


@contextmanager
def _explained(engine: sa.Engine) -> Iterator[None]:
    """Raise UnusableDatabase, which names the database and the cure, where the database itself fails."""
    try:
        yield
    except sa.exc.DatabaseError as error:
        if type(error) not in {sa.exc.DatabaseError, sa.exc.OperationalError}:
            raise
        own = not os.environ.get(URL)
        where = engine.url.database if own else engine.url.render_as_string()
        cure = "put it back from a backup, or move it away to begin anew" if own else f"look at {URL}"
        reason = " ".join(str(error.orig).split())[:200]
        raise UnusableDatabase(
            f"the database of competitions {where} cannot be used: {reason}; {cure}"
        ) from error


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction that sees a single state of the database. Raises UserError where it cannot be used."""
    options = {} if engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"}
    with (
        _explained(engine),
        engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def writing(engine: sa.Engine, *, durable: bool = True) -> Iterator[sa.Connection]:
    """One transaction that writes; in SQLite it is alone from its begin on.

    Threads of one process take turns before they ask SQLite, which would let them wait in no order. Without
    ``durable`` a power failure may undo it: for what its caller then simply does again.
    Raises UserError where the database cannot be used.
    """
    sqlite = engine.dialect.name == "sqlite"
    with (
        _explained(engine),
        _turn(engine),
        engine.connect().execution_options(writes=True) as connection,
    ):
        if sqlite:
            level = "FULL" if durable and connection.connection.info.get(_KEEPS) else "NORMAL"
            connection.connection.cursor().execute(f"PRAGMA synchronous = {level}")
        with connection.begin():
            if not durable and not sqlite:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection


def _turn(engine: sa.Engine) -> AbstractContextManager[object]:
    if engine.dialect.name != "sqlite":
        return nullcontext()
    with _MAKING:
        return _TURNS.setdefault(engine, threading.Lock())


def clock(connection: sa.Connection) -> float:
    """Return the time by the database's clock, in seconds since 1970; SQLite has that of this machine."""
    if connection.dialect.name == "sqlite":
        return time.time()
    return float(connection.scalar(sa.select(now(connection))) or 0.0)


def now(connection: sa.Connection) -> sa.ColumnElement[float]:
    """Return ``clock`` as a column, for queries that ask for more."""
    if connection.dialect.name == "sqlite":
        return sa.literal(time.time())
    return sa.cast(sa.func.extract("epoch", sa.func.clock_timestamp()), sa.Double)


def lock(connection: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> None:
    """Let transactions that lock the same rows take turns; SQLite's take turns anyway."""
    if connection.dialect.name == "sqlite":
        return
    connection.execute(sa.select(*table.primary_key).where(*where).with_for_update()).all()


def _keep_what_was_accepted(_connection: object, record: sa.PoolProxiedConnection) -> None:
    record.info[_KEEPS] = True


def _known() -> list[str]:
    """Return the versions that this code has a migration to, the newest last."""
    return sorted(path.stem[1:].partition("_")[0] for path in (MIGRATIONS / "versions").glob("r*.py"))


def _version(connection: sa.Connection) -> str | None:
    exists = sa.inspect(connection).has_table(VERSION_TABLE)
    found: str | None = (
        connection.scalar(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")) if exists else None
    )
    return found


def _migrate(engine: sa.Engine) -> None:
    """Bring the tables to the newest version in one transaction."""
    from alembic import command
    from alembic.config import Config

    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        version, known = _version(connection), _known()
        if version is not None and version not in known:
            raise UserError(
                f"the database of competitions has version {version}, this Photofinish knows up to "
                f"{known[-1]}; update it, or name another database with {URL}"
            )
        if version == known[-1]:  # another process was first
            return
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
