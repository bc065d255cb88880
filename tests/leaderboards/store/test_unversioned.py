"""An index of the time before its tables had versions: what it holds is copied, and it is left as it is."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from leaderboards.store import index
from tests.leaderboards.store.made import with_columns

FIXTURE = Path(__file__).parents[2] / "fixtures" / "schema1" / "home.tar.xz"


def test_an_index_without_a_version_is_copied_and_left_as_it_is(
    open_index: Callable[[], sa.Engine], url: str, tmp_path: Path
) -> None:
    _unversioned(url, tmp_path)
    before = with_columns(url)
    assert (len(before["records"]), len(before["standings"])) == (44, 41), "a line of columns in each"
    engine = open_index()
    after = with_columns(url)
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


ADDED = ("parity", "units", "value_se", "value_df", "reference_ms", "machine")


def _named(rows: list[tuple[object, ...]]) -> list[str]:
    """Rows of an old or a new table as they can be compared: by the new names of their columns."""
    renamed = {"bottom": "unranked", "place": "sort_key", "mark": "reference"}
    columns = [renamed.get(str(name), str(name)) for name in rows[0]]
    named = [dict(zip(columns, row, strict=True)) for row in rows[1:]]
    for row in named:
        added = [row.pop(name, None) for name in ADDED]
        assert added == [None] * len(ADDED)
        row.pop("outdated", None)  # boards of every older version are
        assert row.pop("hardware", "") == ""
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
    before = with_columns(url)
    assert index.listings(open_index()) == ()
    after = with_columns(url)
    assert {name: after[name] for name in before} == before


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
