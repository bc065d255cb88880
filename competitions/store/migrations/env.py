"""Alembic runs this file; the transaction is the caller's (``competitions.store.database``)."""

from __future__ import annotations

from alembic import context

from competitions.store.database import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
