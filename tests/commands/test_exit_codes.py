"""With which exit code a run ends, and what it says where its record cannot be published."""

from __future__ import annotations

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


@dataclass
class Made:
    record: Record
    folder: Path


def test_a_record_that_cannot_be_published_is_kept_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    made = Made(golden("valid"), tmp_path / "records" / "1")

    def refuse(*given: object) -> None:
        raise UserError("the ledger http://x cannot be used")

    monkeypatch.setattr("harness.evaluate.evaluate", lambda *given: made)
    monkeypatch.setattr(requests, "publish_record", refuse)
    anything: Any = None
    assert requests.run_request(anything, anything, anything, no_progress) is made
    told = capsys.readouterr().err
    assert f"record {made.record.id} is kept in {made.folder} but not published: the ledger" in told


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
