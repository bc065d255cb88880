"""Tables of the index have versions: older ones are migrated, newer ones left alone, none is emptied."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from harness.spec.errors import UserError
from leaderboards.boards.spec import BoardKey
from leaderboards.store import index, versions
from leaderboards.store.tables import SCHEMA
from tests.leaderboards.conftest import candidate
from tests.leaderboards.store.made import with_columns

ROOT = Path(__file__).parents[3]
KNOWN = versions.known_versions()[-1]
NEXT = f"{int(KNOWN) + 1:04}"
NEWER = f'''
"""A migration of a version to come."""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{NEXT}", "{KNOWN}"
def upgrade():
    op.add_column("photofinish_records", sa.Column("weather", sa.Text, server_default="rain"))
    op.execute('ALTER TABLE photofinish_records RENAME COLUMN "row" TO line')
'''
OPEN_AS_NEWER = """
import sys
from pathlib import Path
from leaderboards.store import index, versions
versions.MIGRATIONS = Path(sys.argv[1])
index.open_index(Path("unused")).dispose()
"""


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a version to come: those of today and one more."""
    shutil.copytree(versions.MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / f"r{NEXT}_weather.py").write_text(NEWER)
    return tmp_path / "migrations"


def test_migrations_lead_to_the_tables_that_the_code_declares(open_index: Callable[[], sa.Engine]) -> None:
    engine = open_index()
    with engine.connect() as connection:
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _: kind != "table" or name in SCHEMA.tables,
        }
        assert compare_metadata(MigrationContext.configure(connection, opts=options), SCHEMA) == []


def test_the_files_of_the_migrations_are_named_by_their_versions() -> None:
    config = Config()
    config.set_main_option("script_location", str(versions.MIGRATIONS))
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert revisions[::-1] == versions.known_versions()


def test_opening_again_changes_nothing(
    open_index: Callable[[], sa.Engine], url: str, make_record: Callable[..., Path]
) -> None:
    index.add(open_index(), candidate(make_record()))
    before = with_columns(url)
    open_index()
    assert with_columns(url) == before


def test_an_older_index_is_migrated_with_all_it_holds(
    open_index: Callable[[], sa.Engine],
    url: str,
    newer: Path,
    make_record: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index.add(open_index(), candidate(make_record()))
    before = with_columns(url)
    monkeypatch.setattr(versions, "MIGRATIONS", newer)
    open_index()
    after = with_columns(url)
    columns, row = after["photofinish_records"]
    assert row == (*before["photofinish_records"][1], "rain")
    assert "line" in columns and "weather" in columns
    changed = {"photofinish_records", versions.VERSION_TABLE}
    assert {n: r for n, r in after.items() if n not in changed} == {
        n: r for n, r in before.items() if n not in changed
    }


def test_a_migration_that_fails_changes_nothing(
    open_index: Callable[[], sa.Engine], url: str, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_index()
    before = with_columns(url)
    path = newer / "versions" / f"r{NEXT}_weather.py"
    path.write_text(path.read_text() + "    raise RuntimeError('the disk is full')\n")
    monkeypatch.setattr(versions, "MIGRATIONS", newer)
    with pytest.raises(RuntimeError, match="disk is full"):
        open_index()
    assert with_columns(url) == before


@pytest.mark.slow
@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_two_processes_of_different_versions_share_a_database(
    open_index: Callable[[], sa.Engine],
    url: str,
    newer: Path,
    make_record: Callable[..., Path],
    tmp_path: Path,
) -> None:
    folder, another = make_record(), make_record("another", 0.5)
    running = open_index()
    index.add(running, candidate(folder))
    subprocess.run([sys.executable, "-c", OPEN_AS_NEWER, str(newer)], cwd=ROOT, check=True)
    migrated = with_columns(url)
    assert migrated[versions.VERSION_TABLE][1] == (NEXT,)

    # A process of the older version that was at work before says what to do and changes nothing.
    with pytest.raises(UserError, match="update Photofinish, or point PHOTOFINISH_INDEX_URL"):
        index.add(running, candidate(another))
    with pytest.raises(UserError, match="update Photofinish"):
        index.rebuild(running, [])
    with pytest.raises(UserError, match="update Photofinish"):
        index.page(running, BoardKey.of(candidate(folder).record))
    with pytest.raises(UserError, match="update Photofinish"):
        open_index()
    assert with_columns(url) == migrated

    # So does one that starts now.
    home = {**os.environ, "PHOTOFINISH_HOME": str(tmp_path / "home")}
    home.pop("MLFLOW_TRACKING_URI", None)
    for command in ("board cots", "boards rebuild"):
        words = [sys.executable, "run_bench.py", *command.split()]
        result = subprocess.run(words, cwd=ROOT, env=home, check=False, capture_output=True, text=True)
        assert (result.returncode, result.stdout) == (2, "")
        assert f"table version {NEXT}, this one knows up to {KNOWN}" in result.stderr
        assert "update Photofinish, or point PHOTOFINISH_INDEX_URL at another database" in result.stderr
        assert "Traceback" not in result.stderr
    assert with_columns(url) == migrated
