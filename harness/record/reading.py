"""Read stored records of every schema there was; name what cannot be read instead of failing on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from harness.files import read_given
from harness.record.record import SCHEMA, Record
from harness.record.schemas import schema1, schema2
from harness.spec.errors import UnreadableRecord

Body = dict[str, Any]

_IDENTITIES: Mapping[int, Callable[[bytes, Body], str]] = {1: schema1.identity, 2: schema2.identity}
_UPGRADES: Mapping[int, Callable[[Body], Body]] = {1: schema1.upgrade}
"""Schema -> how its JSON becomes that of the next schema."""

_FILE = "record.json"


@dataclass(frozen=True)
class StoredRecords:
    """The records of one folder by id, and for each that could not be read a message with file and reason."""

    records: Mapping[str, Record]
    unreadable: Mapping[Path, str]


def parse_record(data: bytes) -> Record:
    """Read the bytes of a ``record.json`` of any schema; the id is that of the stored bytes.

    Fields that this version does not know are ignored. Raises UnreadableRecord.
    """
    try:
        body = from_json(data, allow_inf_nan=False)
        schema = body.get("schema") if isinstance(body, dict) else None
        if not isinstance(schema, int) or schema < 1:
            raise UnreadableRecord(f"this is not a record: it has no schema number; {UnreadableRecord.cure}")
        if schema > SCHEMA:
            raise UnreadableRecord(
                f"it has schema {schema} and this version reads up to {SCHEMA}; update Photofinish"
            )
        record_id = _IDENTITIES[schema](data, body)
        for older in range(schema, SCHEMA):
            body = _UPGRADES[older](body)
        return Record.model_validate({**body, "schema": SCHEMA, "id": record_id}, extra="ignore")
    except ValidationError as error:
        raise UnreadableRecord(_first(error)) from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableRecord(f"this is not a record: {error}; {UnreadableRecord.cure}") from error


def read_record(folder: Path) -> Record:
    """Read the record in ``folder``, which is named by the record's id.

    Raises UnreadableRecord, whose message names the file.
    """
    path = folder / _FILE
    try:
        record = parse_record(read_given(path))
    except OSError as error:
        raise UnreadableRecord(f"{path}: {error.strerror}; {UnreadableRecord.cure}") from error
    except UnreadableRecord as error:
        raise UnreadableRecord(f"{path}: {error}") from error
    if record.id != folder.name:
        raise UnreadableRecord(
            f"{path}: these bytes are record {record.id}, not {folder.name}; "
            f"the file was changed or its folder renamed; {UnreadableRecord.cure}"
        )
    return record


def record_folders(records: Path) -> dict[str, Path]:
    """Return the folder of each record below ``records`` by its name, in the order of the names."""
    return {path.parent.name: path.parent for path in sorted(records.glob(f"[!.]*/{_FILE}"))}


def read_records(records: Path) -> StoredRecords:
    """Read every record below ``records``."""
    records_by_id: dict[str, Record] = {}
    unreadable: dict[Path, str] = {}
    for name, folder in record_folders(records).items():
        try:
            records_by_id[name] = read_record(folder)
        except UnreadableRecord as error:
            unreadable[folder] = str(error)
    return StoredRecords(records_by_id, unreadable)


def _first(error: ValidationError) -> str:
    first: Any = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"field '{where}' is not as schema {SCHEMA} has it: {first['msg']}; {UnreadableRecord.cure}"
