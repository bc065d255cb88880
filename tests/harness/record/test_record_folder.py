"""A record's folder appears whole, under the record's id, or not at all."""

from __future__ import annotations

import csv
import errno
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from harness.files import new_folder
from harness.record import Record, Timing, parse_record, read_record, record_folder
from harness.record.record_folder import RecordFiles
from harness.spec.errors import NotAvailable

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def record() -> Record:
    """A record as it is written today: with the fields that were added since the golden one was stored."""
    return parse_record((GOLDEN / "schema2_ok.json").read_bytes()).sealed()


FILES = RecordFiles(
    units=("u0", "u1"),
    rows={"id": np.array(["u0", "u1"]), "cluster": np.array(["v", "v"]), "tp": np.ones((2, 3))},
    draws={"clusters": np.array(1), "f2": np.zeros(5, np.float32)},
    answers={1: np.arange(3), 0: {"boxes": np.zeros((0, 5)), "text": np.array("x")}},
    timings=(Timing(0, 0, 1, 1, 20, 10),),
    others={"plots/one.png": b"png"},
    log="hello\n",
)


def test_everything_is_written_and_read_back(record: Record, tmp_path: Path) -> None:
    folder = record_folder.write(tmp_path / "records", record, FILES)
    assert folder == tmp_path / "records" / record.id
    assert read_record(folder) == record
    assert (folder / "record.json").read_bytes() == record.to_bytes()
    with np.load(folder / "answers.npz", allow_pickle=False) as answers:
        assert sorted(answers.files) == ["u0|boxes", "u0|text", "u1"]
    with (folder / "latencies.csv").open(newline="") as lines:
        assert list(csv.reader(lines))[1:] == [
            ["0", "0", "u1", "submission", "20"],
            ["0", "0", "u1", "reference", "10"],
        ]
    assert (folder / "plots" / "one.png").read_bytes() == b"png"
    assert [path.name for path in (tmp_path / "records").iterdir()] == [record.id]


def test_what_is_empty_is_not_written(record: Record, tmp_path: Path) -> None:
    folder = record_folder.write(tmp_path, record, RecordFiles())
    assert {path.name for path in folder.iterdir()} == {"record.json", "log.txt"}


def test_writing_again_keeps_what_is_there(record: Record, tmp_path: Path) -> None:
    record_folder.write(tmp_path, record, FILES)
    folder = record_folder.write(tmp_path, record, RecordFiles(log="another"))
    assert (folder / "log.txt").read_text() == "hello\n"


def test_a_failure_leaves_nothing(record: Record, tmp_path: Path) -> None:
    with pytest.raises(IndexError):
        record_folder.write(tmp_path, record, RecordFiles(answers={3: np.ones(1)}))
    assert list(tmp_path.iterdir()) == []


def test_new_scores_leave_every_other_file_as_it_was(record: Record, tmp_path: Path) -> None:
    old = record_folder.write(tmp_path, record, FILES)
    renewed = record.model_copy(update={"task_version": 3, "rescored_from": record.id}).sealed()
    rows = {"id": np.array(["u0"]), "cluster": np.array(["v"]), "tp": np.zeros((1, 3))}
    folder = record_folder.rewrite(tmp_path, old, renewed, rows, {"clusters": np.array(1)})
    assert read_record(folder) == renewed
    assert read_record(old) == record
    assert len(np.load(folder / "rows.npz")["id"]) == 1
    for name in ("answers.npz", "latencies.csv", "log.txt", "plots/one.png"):
        assert (folder / name).read_bytes() == (old / name).read_bytes()


def test_a_full_disk_does_not_lose_the_measurement(
    record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = tmp_path / "records"
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    (tmp_path / "elsewhere").mkdir()

    def full(target: Path) -> AbstractContextManager[Path]:
        if target.parent == records:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        return new_folder(target)

    monkeypatch.setattr(record_folder, "new_folder", full)
    with pytest.raises(NotAvailable) as caught:
        record_folder.write_or_rescue(records, record, FILES)
    saved = tmp_path / "elsewhere" / "photofinish-records" / record.id
    assert read_record(saved) == record
    assert f"(No space left on device); it was saved as {saved}. Make room, move that folder" in str(
        caught.value
    )
    assert "'boards rebuild' publishes it" in str(caught.value)
