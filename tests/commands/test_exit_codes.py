"""With which exit code a run ends, and what it says where its record cannot be published."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import typer

from commands import requests
from commands.measuring import _exit_by
from harness import ROOT
from harness.record import Record, ValidityResult, parse_record
from harness.spec import no_progress
from harness.spec.errors import UserError

GOLDEN = ROOT / "tests" / "harness" / "record" / "golden" / "schema2_ok.json"


GATE = """
def gate(run, figures):
    if figures["accuracy"][0] < 0.5:
        yield "accuracy is below 0.5: the answers miss the gate"


task = Task"""


def golden(state: str, *reasons: str) -> Record:
    validity = ValidityResult(state=state, reasons=reasons)  # type: ignore[arg-type]
    return parse_record(GOLDEN.read_bytes()).model_copy(update={"validity": validity})


def test_a_record_that_missed_its_gate_ends_with_2_and_says_so() -> None:
    record = golden("invalid", "AUC 0.6000 is below 0.7200: the answers miss the gate")
    with pytest.raises(typer.Exit) as end:
        _exit_by([golden("provisional"), record])
    assert end.value.exit_code == 2
    assert "Invalid: AUC 0.6000 is below 0.7200" in requests.summary(record)
    _exit_by([golden("valid"), golden("provisional")])


@pytest.mark.slow
@pytest.mark.parametrize(("answers", "code"), [("x.argmax()", 0), ("0 * x.argmax()", 2)])
def test_a_run_that_misses_its_gate_ends_with_2(tmp_path: Path, answers: str, code: int) -> None:
    task, reference, entry = (tmp_path / name for name in ("task.py", "honest.py", "mine.py"))
    source = (ROOT / "tests" / "fixtures" / "tiny" / "task.py").read_text()
    assert "),), tally)" in source
    task.write_text(source.replace("),), tally)", "),), tally, faults=gate)").replace("task = Task", GATE))
    reference.write_text((ROOT / "tests" / "fixtures" / "tiny" / "honest.py").read_text())
    entry.write_text(f"def build(context):\n    return lambda x: {answers}\n")
    told = subprocess.run(
        [sys.executable, "run_bench.py", "run", str(task), str(entry), "--quick", "--json"],
        cwd=ROOT,
        env={**os.environ, "PHOTOFINISH_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert told.returncode == code, told.stderr
    record = parse_record(told.stdout.encode())
    assert record.status == "ok"
    assert (record.validity.state == "invalid") == (code == 2)
    if code == 2:
        assert "Invalid: accuracy is below 0.5: the answers miss the gate" in told.stderr


@dataclass
class Made:
    record: Record
    folder: Path


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (UserError("the ledger http://x cannot be used"), "the ledger http://x cannot be used"),
        (OSError(errno.ENOSPC, "No space left on device", "artifacts"), "the disk is full (artifacts)"),
    ],
)
def test_a_record_that_cannot_be_published_is_kept_and_named(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    fault: Exception,
    said: str,
) -> None:
    made = Made(golden("valid"), tmp_path / "records" / "1")

    def refuse(*given: object) -> None:
        raise fault

    monkeypatch.setattr("harness.evaluate.evaluate", lambda *given: made)
    monkeypatch.setattr(requests, "publish_record", refuse)
    anything: Any = None
    assert requests.run_request(anything, anything, anything, no_progress) is made
    told = capsys.readouterr().err
    assert f"record {made.record.id} is kept in {made.folder} but not published: {said}" in told


@pytest.mark.slow
def test_a_server_out_of_reach_is_given_up_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from leaderboards.store import ledger

    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    started = perf_counter()
    with pytest.raises(UserError) as caught, ledger.explained(tmp_path):
        list(ledger.records(ledger.open_ledger(tmp_path)))
    assert perf_counter() - started < 30
    message = str(caught.value)
    assert "the ledger http://127.0.0.1:9 cannot be used" in message
    assert "look at MLFLOW_TRACKING_URI and at the server" in message
    assert str(tmp_path / "records") in message
