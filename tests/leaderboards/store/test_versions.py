"""Tables of the index have versions: older ones are migrated, newer ones left alone, none is emptied."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing
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

ROOT = Path(__file__).parents[3]
FIXTURE = ROOT / "tests" / "fixtures" / "schema1" / "home.tar.xz"
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
Rows = dict[str, list[tuple[object, ...]]]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty database, which ``PHOTOFINISH_INDEX_URL`` names."""
    if request.param == "postgresql":
        url = str(request.getfixturevalue("new_database")("versions"))
    else:
        url = f"sqlite:///{tmp_path}/index.db"
    monkeypatch.setenv("PHOTOFINISH_INDEX_URL", url)
    return url


@pytest.fixture
def open_index(url: str, tmp_path: Path) -> Iterator[Callable[[], sa.Engine]]:
    engines: list[sa.Engine] = []

    def opened() -> sa.Engine:
        engines.append(index.open_index(tmp_path))
        return engines[-1]

    yield opened
    for engine in engines:
        engine.dispose()


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of a version to come: those of today and one more."""
    shutil.copytree(versions.MIGRATIONS, tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / f"r{NEXT}_weather.py").write_text(NEWER)
    return tmp_path / "migrations"


def everything(url: str) -> Rows:
    """All that a database holds, and in which columns."""
    engine = sa.create_engine(url)
    tables = sa.MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = {
            name: [tuple(table.c.keys()), *sorted(map(tuple, connection.execute(sa.select(table))), key=repr)]
            for name, table in tables.tables.items()
        }
    engine.dispose()
    return rows


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
    before = everything(url)
    open_index()
    assert everything(url) == before


def test_an_index_without_a_version_is_copied_and_left_as_it_is(
    open_index: Callable[[], sa.Engine], url: str, tmp_path: Path
) -> None:
    _unversioned(url, tmp_path)
    before = everything(url)
    assert (len(before["records"]), len(before["standings"])) == (44, 41), "a line of columns in each"
    engine = open_index()
    after = everything(url)
    assert {name: after[name] for name in before} == before
    for old, new in (
        ("boards", "boards"),
        ("records", "records"),
        ("standings", "standings"),
        ("replicates", "bootstrap_draws"),
    ):
        assert _named(after[f"photofinish_{new}"]) == _named(before[old])
    keys = [listing.key for listing in index.listings(engine)]
    boards = [index.page(engine, key, limit=None) for key in keys]
    assert sum(len(board.rows) for board in boards if board) == 40
    assert {board.key.task for board in boards if board} >= {"cots", "ssl", "tiny", "recommender"}


def _named(rows: list[tuple[object, ...]]) -> list[str]:
    """Rows of an old or a new table as they can be compared: by the new names of their columns."""
    renamed = {"bottom": "unranked", "place": "sort_key", "mark": "reference"}
    columns = [renamed.get(str(name), str(name)) for name in rows[0]]
    named = [dict(zip(columns, row, strict=True)) for row in rows[1:]]
    for row in named:
        added = [row.pop(name, None) for name in ("parity", "units", "value_se", "value_df")]
        assert added == [None] * 4
        row.pop("outdated", None)  # boards of every older version are
        if "reference" in row:
            row["reference"] = int(bool(row["reference"]))
    return sorted(repr(sorted(row.items())) for row in named)


def test_tables_of_others_are_left_alone(
    open_index: Callable[[], sa.Engine], url: str, tmp_path: Path
) -> None:
    _unversioned(url, tmp_path)
    stranger = sa.create_engine(url)
    with stranger.begin() as connection:
        connection.execute(sa.text("ALTER TABLE standings ADD COLUMN novelty TEXT"))
    stranger.dispose()
    before = everything(url)
    assert index.listings(open_index()) == ()
    after = everything(url)
    assert {name: after[name] for name in before} == before


def test_an_older_index_is_migrated_with_all_it_holds(
    open_index: Callable[[], sa.Engine],
    url: str,
    newer: Path,
    make_record: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index.add(open_index(), candidate(make_record()))
    before = everything(url)
    monkeypatch.setattr(versions, "MIGRATIONS", newer)
    open_index()
    after = everything(url)
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
    before = everything(url)
    path = newer / "versions" / f"r{NEXT}_weather.py"
    path.write_text(path.read_text() + "    raise RuntimeError('the disk is full')\n")
    monkeypatch.setattr(versions, "MIGRATIONS", newer)
    with pytest.raises(RuntimeError, match="disk is full"):
        open_index()
    assert everything(url) == before


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
    migrated = everything(url)
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
    assert everything(url) == migrated

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
    assert everything(url) == migrated


def _unversioned(url: str, folder: Path) -> None:
    """Put the tables of the last commit without versions into a database, with what they hold."""
    with tarfile.open(FIXTURE) as box, closing(box.extractfile("home/index.db") or pytest.fail()) as file:
        (folder / "unversioned.db").write_bytes(file.read())
    old, new = sa.create_engine(f"sqlite:///{folder}/unversioned.db"), sa.create_engine(url)
    tables = sa.MetaData()
    tables.reflect(old)
    for table in tables.sorted_tables:
        for column in table.c:
            column.type = column.type.as_generic()
    tables.create_all(new)
    with old.connect() as source, new.begin() as target:
        for table in tables.sorted_tables:
            rows = [dict(row) for row in source.execute(sa.select(table)).mappings()]
            if rows:
                target.execute(sa.insert(table), rows)
    old.dispose()
    new.dispose()
