"""The worst units as terminals of several widths show them: values whole, pictures where they fit."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from commands.worst import WorstUnits, show_worst
from harness.intake.lookup import find_task
from harness.record import Record, read_record
from harness.spec.errors import UserError

NARROW = """\
The 2 worst of 3 public units of cnn
unit            F2   blob
clip/frame-7 0.000  1.000
clip/frame-4 0.714  1.000
"""
WIDE = """\
The 3 worst of 3 public units of cnn
unit             F2   blob  picture
clip/frame-7  0.000  1.000  clip_frame-7.jpg
clip/frame-4  0.714  1.000
clip/frame-9  1.000  1.000
"""
SORTED = """\
3 of 3 public units of cnn, by fp
unit             F2  fp  picture
clip/frame-4  0.714   2
clip/frame-7  0.000   0  clip_frame-7.jpg
clip/frame-9  1.000   0
"""


@pytest.fixture
def records(make_record: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> dict[str, Record]:
    folders = {name: make_record(name, 0.5) for name in ("cnn", "blob")}
    ids = np.array(["clip/frame-4", "clip/frame-7", "clip/frame-9"])
    right = {"cnn": np.array([1, 0, 1]), "blob": np.array([1, 1, 1])}
    for name, folder in folders.items():
        tp = np.tile(right[name][:, None], 11)
        fp = np.tile(np.array([2, 0, 0])[:, None] * (name == "cnn"), 11)
        np.savez(folder / "rows.npz", id=ids, cluster=np.repeat("v0", 3), tp=tp, fp=fp, fn=1 - tp)
    (folders["cnn"] / "images").mkdir()
    (folders["cnn"] / "images" / "clip_frame-7.jpg").touch()
    by_id = {folder.name: folder for folder in folders.values()}
    monkeypatch.setattr("commands.worst.folder_of", by_id.__getitem__)
    return {name: read_record(folder) for name, folder in folders.items()}


def shown(record: Record, asked: WorstUnits, width: int) -> str:
    out = io.StringIO()
    show_worst(find_task("cots"), record, asked, Console(file=out, width=width))
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert lines.pop().startswith("Pictures are in ")
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("width", [80, 120, 1000])
def test_pictures_are_named_where_there_is_room(records: dict[str, Record], width: int) -> None:
    assert shown(records["cnn"], WorstUnits(12, beside=records["blob"]), width) == WIDE


def test_a_narrow_terminal_keeps_every_value(records: dict[str, Record]) -> None:
    text = shown(records["cnn"], WorstUnits(2, beside=records["blob"]), 40)
    assert [line.split() for line in text.splitlines()] == [line.split() for line in NARROW.splitlines()]


def test_units_are_sorted_by_a_statistic_or_refused(records: dict[str, Record]) -> None:
    assert shown(records["cnn"], WorstUnits(12, by="fp"), 80) == SORTED
    with pytest.raises(UserError, match="cannot be sorted by 'size'; there are value, unit, tp, fp, fn"):
        shown(records["cnn"], WorstUnits(12, by="size"), 80)
