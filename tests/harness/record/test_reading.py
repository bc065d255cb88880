"""Stored records of every schema are read for ever; what cannot be read is named, never fatal."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from pydantic import create_model

from harness.record import Record, parse_record, read_record, read_records, reading, record_folders
from harness.record.latency import margin_of, ratio_of, wider_margin
from harness.record.schemas import schema1
from harness.spec.errors import UnreadableRecord
from harness.stats import ratio_from_log

GOLDEN = Path(__file__).parent / "golden"
IDS = {
    "schema1_ok": "22ddc2ac2d3bb1bc",
    "schema1_failed": "00357dcb28d86c27",
    "schema2_ok": "8757cf04839c1bce",
    "schema2_failed": "e8487a76c35e4f75",
}


def golden(name: str) -> bytes:
    return (GOLDEN / f"{name}.json").read_bytes()


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A records folder with one record of each golden file."""
    for name, record_id in IDS.items():
        folder = tmp_path / "records" / record_id
        folder.mkdir(parents=True)
        (folder / "record.json").write_bytes(golden(name))
    return tmp_path / "records"


@pytest.mark.parametrize("name", IDS)
def test_a_stored_record_keeps_its_id(name: str) -> None:
    assert parse_record(golden(name)).id == IDS[name]


@pytest.mark.parametrize("kind", ["ok", "failed"])
def test_an_older_schema_becomes_the_same_value(kind: str) -> None:
    old, new = (parse_record(golden(f"schema{number}_{kind}")) for number in (1, 2))
    assert old.model_copy(update={"id": new.id}) == new


@pytest.mark.parametrize("name", IDS)
def test_what_is_written_is_read_back_under_the_hash_of_its_bytes(name: str) -> None:
    record = parse_record(golden(name)).sealed()
    assert record.id == hashlib.sha256(record.to_bytes()).hexdigest()[:16]
    assert parse_record(record.to_bytes()) == record
    assert "id" not in json.loads(record.to_bytes())
    assert json.loads(record.to_json()) == {"id": record.id, **json.loads(record.to_bytes())}


def test_what_ranks_is_typed() -> None:
    record = parse_record(golden("schema1_ok"))
    assert ratio_of(record) == ratio_from_log(-0.1, 0.01, 7.0)
    assert ratio_of(record).value == record.metrics["latency_ratio"].value  # type: ignore[union-attr]
    assert margin_of(record) == 0.0123
    failed = parse_record(golden("schema1_failed"))
    assert (ratio_of(failed), margin_of(failed), wider_margin(record, failed)) == (None, None, 0.03)
    assert not {"margin", "latency_log_mean", "rescored_from"} & record.gauges.keys()


@pytest.mark.parametrize("name", IDS)
def test_a_new_field_with_a_default_invalidates_no_stored_record(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = create_model("Newer", __base__=Record, weather=(str, "unknown"))
    monkeypatch.setattr(reading, "Record", newer)
    record = parse_record(golden(name))
    assert (record.id, record.weather) == (IDS[name], "unknown")  # type: ignore[attr-defined]


def test_a_field_of_a_newer_version_is_ignored_where_the_schema_is_the_same() -> None:
    body = json.loads(golden("schema2_ok"))
    body |= {"weather": "rain", "validity": {**body["validity"], "by": "a newer rule"}}
    record = parse_record(json.dumps(body).encode())
    assert record.processes == 8
    assert record.id != IDS["schema2_ok"], "other bytes, another record"


def test_a_copied_file_stays_verifiable(stored: Path, tmp_path: Path) -> None:
    for record_id in IDS.values():
        shutil.copytree(stored / record_id, tmp_path / "elsewhere" / record_id)
    assert read_records(tmp_path / "elsewhere") == read_records(stored)
    assert read_records(stored).records.keys() == set(IDS.values()) == record_folders(stored).keys()


@pytest.mark.parametrize("name", IDS)
def test_a_changed_file_is_named(stored: Path, name: str) -> None:
    path = stored / IDS[name] / "record.json"
    path.write_bytes(path.read_bytes().replace(b'"seconds":1', b'"seconds":2'))
    with pytest.raises(UnreadableRecord, match="changed") as caught:
        read_record(path.parent)
    assert str(path) in str(caught.value)


UNREADABLE = {
    "empty": (b"", "not a record"),
    "cut": (golden("schema2_ok")[:200], "not a record"),
    "binary": (b"\xff\x00\xfe", "not a record"),
    "a list": (b"[1]", "no schema number"),
    "no number": (b'{"schema": "2"}', "no schema number"),
    "newer": (golden("schema2_ok").replace(b'"schema":2', b'"schema":3'), "update Photofinish"),
    "no fields": (b'{"schema": 2}', "field 'task'"),
    "half a schema 1": (b'{"schema": 1}', "changed after it was sealed"),
    "another status": (golden("schema2_ok").replace(b'"status":"ok"', b'"status":"lost"'), "field 'status'"),
    "not a number": (golden("schema2_ok").replace(b"12.5", b"NaN"), "not a record"),
    "nested": (b"[" * 100_000, "not a record"),
}


@pytest.mark.parametrize("kind", UNREADABLE)
def test_what_is_no_record_is_refused_with_the_reason(kind: str) -> None:
    data, reason = UNREADABLE[kind]
    with pytest.raises(UnreadableRecord, match=reason):
        parse_record(data)


def test_unreadable_records_do_not_hide_the_others(stored: Path) -> None:
    for number, (data, _) in enumerate(UNREADABLE.values()):
        folder = stored / f"{number:016x}"
        folder.mkdir()
        (folder / "record.json").write_bytes(data)
    (stored / "ffffffffffffffff" / "record.json").mkdir(parents=True)
    (stored / ".building-x").mkdir()
    (stored / ".building-x" / "record.json").write_bytes(golden("schema2_ok"))
    found = read_records(stored)
    assert found.records.keys() == set(IDS.values())
    assert len(found.unreadable) == len(UNREADABLE) + 1
    assert all(f"{name}/record.json: " in message for name, message in found.unreadable.items())


def test_schema_1_without_its_first_fields_is_refused_once_its_hash_holds() -> None:
    body: dict[str, object] = {"schema": 1, "gauges": 3}
    with pytest.raises(ValueError, match="changed"):
        schema1.identity(b"", body)
