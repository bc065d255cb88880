"""Which version the tables of an index have, and how older ones are brought to the newest.

Alembic runs the files of ``migrations/versions/``, named ``r<number>_<what>.py``. It is imported only where
a migration is needed.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from harness.spec.errors import UserError

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "photofinish_index_version"
_READ = sa.text(f"SELECT version_num FROM {VERSION_TABLE}")


def known_versions() -> list[str]:
    """Return the versions that this code has a migration to, the newest last."""
    return sorted(path.stem[1:].partition("_")[0] for path in (MIGRATIONS / "versions").glob("r*.py"))


def is_newest(connection: sa.Connection) -> bool:
    """Say whether the tables have the version of this code; False for older, newer and missing ones."""
    return _version(connection) == known_versions()[-1]


def check(connection: sa.Connection) -> None:
    """Raise UserError where existing tables have a version that this code does not know."""
    version, known = connection.scalar(_READ), known_versions()
    if version not in known:
        raise UserError(
            f"the index at {connection.engine.url.render_as_string()} was migrated by a newer Photofinish "
            f"(table version {version}, this one knows up to {known[-1]}): update Photofinish, or point "
            "PHOTOFINISH_INDEX_URL at another database and fill that with 'boards rebuild'"
        )


def migrate(connection: sa.Connection) -> None:
    """Bring the tables to the newest version, within the transaction. Raises UserError, see ``check``."""
    if _version(connection) is not None:
        check(connection)
    if is_newest(connection):  # another process was first
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _version(connection: sa.Connection) -> str | None:
    exists = sa.inspect(connection).has_table(VERSION_TABLE)
    version: str | None = connection.scalar(_READ) if exists else None
    return version
