"""Broken folders of clicks: each gets a line that says what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.clicks import clicks, store
from datasets.clicks.schema import Category, Schema
from harness.spec import DataRequest, Prepared
from harness.spec.errors import BadData, UnknownName

SCHEMA = Schema(("price",), (Category("site", 50), Category("tags", 9, 3)), 0)
ROWS = 400
Columns = dict[str, Any]


def columns() -> Columns:
    chance = np.random.default_rng(0)
    tags = pa.array(chance.integers(0, 9, 3 * ROWS, dtype=np.int32))
    return {
        "label": pa.array(chance.integers(0, 2, ROWS, dtype=np.uint8)),
        "price": pa.array(chance.random(ROWS, np.float32)),
        "site": pa.array(chance.integers(0, 50, ROWS, dtype=np.int32)),
        "tags": pa.FixedSizeListArray.from_arrays(tags, 3),
    }


def prepare(folder: Path, found: Columns) -> Prepared:
    source = folder / "mine"
    source.mkdir()
    SCHEMA.write(source)
    pq.write_table(pa.table(found), source / "train.parquet")
    return clicks.prepare(DataRequest("table", folder / "cache", source))


def with_one(name: str, place: int, value: Any) -> Callable[[Columns], None]:
    def change(found: Columns) -> None:
        values = found[name].to_pylist()
        values[place] = value
        found[name] = pa.array(values, found[name].type)

    return change


def retyped(name: str, kind: Any) -> Callable[[Columns], None]:
    return lambda found: found.update({name: found[name].cast(kind)})


def test_a_sound_folder_is_split_into_nine_tenths_and_one(tmp_path: Path) -> None:
    prepared = prepare(tmp_path, columns())
    assert prepared.variant == "table"
    assert Schema.read(prepared.public).rows == 360
    hidden, chance = store.read_hidden(prepared.private)
    assert len(hidden) == 40
    assert chance is None


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda found: found.pop("site"), "train.parquet has no column 'site'"),
        (retyped("site", pa.int64()), "column 'site' is int64, not int32"),
        (retyped("price", pa.float64()), "column 'price' is double, not float"),
        (with_one("site", 7, 50), r"column 'site' holds id 50, outside its vocabulary \(0 to 49\)"),
        (with_one("site", 7, -1), "column 'site' holds id -1, outside its vocabulary"),
        (with_one("tags", 399, [0, 1, 9]), "column 'tags' holds id 9, outside its vocabulary"),
        (with_one("label", 0, 2), "a label is 2; labels are 0 or 1"),
        (with_one("price", 3, float("nan")), "column 'price' holds a number that is not finite"),
        (with_one("price", 3, None), "column 'price' has 1 empty cells"),
    ],
)
def test_a_broken_column_is_named(tmp_path: Path, spoil: Callable[[Columns], None], told: str) -> None:
    found = columns()
    spoil(found)
    with pytest.raises(BadData, match=told):
        prepare(tmp_path, found)


def test_a_table_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="has columns but no rows"):
        prepare(tmp_path, {name: values[:0] for name, values in columns().items()})


@pytest.mark.parametrize(("length", "told"), [(0, "train.parquet is empty"), (4000, "truncated")])
def test_an_empty_or_truncated_file_is_refused_and_leaves_nothing(
    tmp_path: Path, length: int, told: str
) -> None:
    source = tmp_path / "mine"
    source.mkdir()
    SCHEMA.write(source)
    path = source / "train.parquet"
    pq.write_table(pa.table(columns()), path)
    assert path.stat().st_size > length
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(BadData, match=told):
        clicks.prepare(DataRequest("table", tmp_path / "cache", source))
    assert not list((tmp_path / "cache").glob("clicks-*"))


def test_damage_within_the_file_is_found_where_it_is_met(tmp_path: Path) -> None:
    source = tmp_path / "mine"
    source.mkdir()
    SCHEMA.write(source)
    path = source / "train.parquet"
    pq.write_table(pa.table(columns()), path)
    data = bytearray(path.read_bytes())
    data[4:1500] = bytes(1496)
    path.write_bytes(data)
    with pytest.raises(BadData, match=r"train.parquet breaks off after row 0"):
        clicks.prepare(DataRequest("table", tmp_path / "cache", source))


def test_a_schema_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text('{"numerical": []}')
    (tmp_path / "train.parquet").write_bytes(b"")
    with pytest.raises(BadData, match="is not a schema"):
        clicks.prepare(DataRequest("table", tmp_path / "cache", tmp_path))


def test_wide_categories_come_last(tmp_path: Path) -> None:
    Schema(("price",), (Category("tags", 9, 3), Category("site", 50)), 0).write(tmp_path)
    (tmp_path / "train.parquet").touch()
    with pytest.raises(BadData, match="categories with one id per row must come before wider ones"):
        clicks.prepare(DataRequest("table", tmp_path / "cache", tmp_path))


def test_a_folder_of_something_else_and_an_unknown_variant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"adult.csv .* train.txt .* schema.json"):
        clicks.prepare(DataRequest("table", tmp_path / "cache", tmp_path))
    with pytest.raises(BadData, match="give --from FOLDER"):
        clicks.prepare(DataRequest("criteo", tmp_path / "cache"))
    with pytest.raises(UnknownName, match="mini"):
        clicks.prepare(DataRequest("huge", tmp_path / "cache"))
