"""One writer at a time, arbitrated by the tracking database itself.

PostgreSQL gives an advisory lock, SQLite an exclusive transaction on an empty database beside the store.
Both exclude every process that reaches the same database, from any folder or machine, and end with the
process that holds them. Other stores and servers have no lock that clients could hold; there logging a
record twice at once leaves one run all the same (see ``writing``).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from harness.spec.errors import UserError

_WAIT_S = 3600


@contextmanager
def exclusive(uri: str, name: str = "") -> Iterator[None]:
    """Hold the lock of that name in the store at ``uri``; SQLite has one lock for all names.

    Raises UserError where another process holds it for an hour.
    """
    kind = uri.partition(":")[0].partition("+")[0]
    if kind == "sqlite":
        with _sqlite(sa.make_url(uri).database or ""):
            yield
    elif kind == "postgresql":
        with _postgresql(uri, name):
            yield
    else:
        yield


@contextmanager
def _sqlite(database: str) -> Iterator[None]:
    with closing(sqlite3.connect(f"{database}-lock", timeout=_WAIT_S, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise UserError(f"the ledger {database} is locked by another process: {error}") from error
        yield


@contextmanager
def _postgresql(uri: str, name: str) -> Iterator[None]:
    digest = hashlib.sha256(f"photofinish ledger {name}".encode()).digest()
    key = int.from_bytes(digest[:8], signed=True)
    engine = sa.create_engine(uri, poolclass=NullPool)
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.text(f"SET LOCAL lock_timeout = {round(1000 * _WAIT_S)}"))
        try:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
        except sa.exc.OperationalError as error:
            raise UserError(
                f"the ledger {engine.url.render_as_string()} is locked by another process"
            ) from error
        yield
