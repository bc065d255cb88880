"""Boards compare machines of one class of hardware, and name the class only where there are several."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import sqlalchemy as sa

from harness.record import Record, read_record
from harness.record.hardware import hardware_class
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index
from leaderboards.views.export import to_markdown
from leaderboards.web.rendering import scope
from leaderboards.web.source import Source, find_board

MACHINE = {
    "cpu": "Xeon", "architecture": "x86_64", "cores": 4, "memory_mb": 16_400, "kernel": "6.1.0-13",
    "system": "Debian 12", "fingerprint": "0123456789ab",
}  # fmt: skip
OTHERS: dict[str, object] = {
    "cpu": "Epyc", "architecture": "aarch64", "cores": 8, "memory_mb": 33_000, "kernel": "6.8.0",
    "gpu": "H100",
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), OTHERS.items())
def test_machines_that_differ_are_of_two_classes(name: str, value: object) -> None:
    assert hardware_class({**MACHINE, name: value}, 1) != hardware_class(MACHINE, 1)
    assert hardware_class(MACHINE, 2) != hardware_class(MACHINE, 1)


@pytest.mark.parametrize(
    ("name", "value"), [("kernel", "6.1.0-28-cloud"), ("memory_mb", 16_380), ("system", "Debian 13")]
)
def test_machines_that_may_be_compared_are_of_one_class(name: str, value: object) -> None:
    assert hardware_class({**MACHINE, name: value}, 1) == hardware_class(MACHINE, 1)


@pytest.mark.parametrize("missing", ["cpu", "architecture", "cores", "memory_mb", "kernel"])
def test_a_record_that_does_not_tell_is_of_no_class(missing: str) -> None:
    assert hardware_class({name: MACHINE[name] for name in MACHINE if name != missing}, 1) == ""


Measured = Callable[..., Record]


@pytest.fixture
def measured(make_record: Callable[..., Path]) -> Measured:
    """Make a record as measured on a machine."""

    def make(name: str, value: float, **machine: object) -> Record:
        record = read_record(make_record(name, value))
        return record.model_copy(update={"machine": {**MACHINE, **machine}, "id": ""}).sealed()

    return make


def add(engine: sa.Engine, spec: BoardSpec, *records: Record) -> None:
    for record in records:
        value = record.metrics["f2"].value
        assert value is not None
        assert index.add(engine, index.Candidate(record, spec, BootstrapDraws(np.full(20, value), 12)))


def test_one_class_is_shown_without_a_suffix(
    engine: sa.Engine, cots_spec: BoardSpec, measured: Measured
) -> None:
    records = [measured("a", 0.5), measured("b", 0.6)]
    add(engine, cots_spec, *records)
    board = index.page(engine, BoardKey.of(records[0]))
    assert board is not None
    assert [row.entry.name for row in board.rows] == ["b", "a"]
    assert (board.suffix, [each.suffix for each in index.listings(engine)]) == ("", [""])
    assert "· cpu ·" in to_markdown(board)


def test_records_of_two_classes_are_on_two_boards_that_name_them(
    engine: sa.Engine, cots_spec: BoardSpec, measured: Measured, make_record: Callable[..., Path]
) -> None:
    old = read_record(make_record("old", 0.9))
    here, there = measured("here", 0.5), measured("there", 0.6, cpu="Epyc")
    add(engine, cots_spec, old, here, there)
    for record, suffix in ((here, "@" + BoardKey.of(here).hardware), (old, "@unknown")):
        board = index.page(engine, BoardKey.of(record))
        assert board is not None
        assert [row.entry.name for row in board.rows] == [record.submission.name]
        assert board.rows[0].rank == 1
        assert board.suffix == suffix
        assert f"· cpu\\{suffix} ·" in to_markdown(board)
        assert scope(board.key, board.suffix).startswith(f"reef mini · cpu{suffix} ·")
    assert any(f"of other hardware (cpu@{BoardKey.of(there).hardware})" in note for note in board.notes)
    assert len({each.suffix for each in index.listings(engine, profile="cpu")}) == 3


def test_addresses_from_before_there_were_classes_still_lead_to_a_board(
    tmp_path: Path, engine: sa.Engine, cots_spec: BoardSpec, measured: Measured
) -> None:
    record = measured("a", 0.5)
    add(engine, cots_spec, record)
    key = BoardKey.of(record)
    assert key.any_hardware.id == "c4ced137521297e7"
    for address in ("c4ced137521297e7", key.id):
        assert find_board(Source(tmp_path, engine), address)[0] == key
