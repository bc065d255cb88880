"""Which entries share a row, and how their names are exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from harness.record import Record, read_record
from leaderboards.boards.board import Board
from leaderboards.boards.records import row_key
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import adding, index, publishing
from leaderboards.store.tables import BOARDS
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


@pytest.mark.parametrize("read_by", ["publish", "mend", "rebuild"])
def test_a_board_of_an_older_version_has_no_row_twice(
    home: Path, make_record, cots_spec: BoardSpec, monkeypatch: pytest.MonkeyPatch, read_by: str
) -> None:
    def older_key(record: Record) -> str:
        return f"older {record.submission.name}"

    with monkeypatch.context() as older:
        older.setattr(adding, "row_key", older_key)
        for minute, value in enumerate((0.5, 0.6)):
            publishing.publish(home, make_record("net", value, minute=minute), cots_spec)
    engine = index.open_index(home)
    with engine.begin() as connection:
        connection.execute(sa.update(BOARDS).values(outdated=1))  # as the migration leaves it
    new = make_record("net", 0.7, minute=2)
    if read_by == "publish":
        publishing.publish(home, new, cots_spec)
    elif read_by == "mend":
        assert publishing.mend(home, lambda record: cots_spec).logged == (new,)
    else:
        publishing.publish(home, new, cots_spec)
        publishing.rebuild(home, engine)
    board = index.page(engine, BoardKey.of(read_record(new)))
    assert board is not None
    assert [(row.record, row.cell("f2").value) for row in board.rows] == [(new.name, 0.7)]
    assert not index.outdated(engine)
