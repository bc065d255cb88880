"""Of two measurements of one entry the better one counts; comparisons say what is doubtful."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.record import Latency, Record, read_record
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index
from leaderboards.web.comparison import compare
from tests.leaderboards.conftest import candidate


def measured(folder: Path, error: float | None) -> Record:
    """The record with another error of its time ratio on the log scale."""
    record = read_record(folder)
    assert record.latency is not None
    changed = Latency(
        log_mean=record.latency.log_mean,
        standard_error=error,
        degrees_of_freedom=None if error is None else 7.0,
        margin=None,
    )
    return record.model_copy(update={"latency": changed}).sealed()


@pytest.mark.parametrize(("errors", "counts"), [((0.02, 0.005), 1), ((0.005, 0.02), 0), ((None, 0.02), 1)])
def test_a_record_measured_better_replaces_one_measured_worse(
    tmp_path: Path,
    make_record: Callable[..., Path],
    errors: tuple[float | None, float | None],
    counts: int,
) -> None:
    engine = index.open_index(tmp_path / "index home")
    folders = [make_record(ratio=ratio, minute=minute) for minute, ratio in enumerate((4.94, 2.8))]
    records = [measured(folder, error) for folder, error in zip(folders, errors, strict=True)]
    for folder, record in zip(folders, records, strict=True):
        index.add(engine, index.Candidate(record, candidate(folder).spec, candidate(folder).draws))
    board = index.page(engine, BoardKey.of(records[0]))
    assert board is not None
    assert [row.record for row in board.rows] == [records[counts].id]


def test_a_comparison_says_what_is_provisional(
    make_record: Callable[..., Path], cots_spec: BoardSpec
) -> None:
    sure = make_record("sure", 0.7)
    noisy = make_record("noisy", 0.6, state="provisional", reasons=("Other processes used the machine.",))
    found = compare(cots_spec, read_record(sure), read_record(noisy), sure, noisy)
    assert found.standing == ("noisy is provisional: Other processes used the machine.",)
    assert compare(cots_spec, read_record(sure), read_record(sure), sure, sure).standing == ()
