"""Which entries share a row, and how their names are exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

from harness.record import Record, read_record
from leaderboards.boards.board import Board
from leaderboards.boards.records import row_key
from leaderboards.views.export import to_csv


def of_kind(record: Record, kind: str) -> Record:
    return record.model_copy(update={"submission": record.submission.model_copy(update={"kind": kind})})


def test_two_files_that_differ_in_their_ending_have_a_row_each(make_record) -> None:
    record = read_record(make_record("net", 0.7))
    keys = {row_key(of_kind(record, kind)) for kind in ("python", "onnx", "litert", "keras")}
    assert len(keys) == 4
    assert row_key(of_kind(record, "python")) == row_key(record)


def test_csv_holds_whole_names(make_record, add: Callable[..., bool], cots: Callable[..., Board]) -> None:
    name = "a_network_with_a_name_that_is_far_longer_than_a_table_has_room_for_in_version_12"
    add(make_record(name, 0.7))
    (row,) = csv.DictReader(io.StringIO(to_csv(cots())))
    assert row["entry"] == name
    assert len(cots().rows[0].entry.name) < len(name)
