"""A request travels with its files, is evaluated in another home, and comes back signed."""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.machines_cluster import requested
from harness.intake.request import EvaluationRequest
from harness.record import read_record
from harness.spec import Places, no_progress
from harness.spec.errors import BadData, HarnessError, InvalidSubmission, NotAvailable
from machines import code_version, evaluating
from machines.archives import packed, unpack
from machines.description import class_here
from machines.enrolment import Enrolment
from machines.executor import MachineLost, NoMachine
from machines.keys import machine_key
from machines.parcels import Returned, pack
from machines.ray_executor import RayExecutor, Terms, _error, _stored
from machines.signatures import signer_of
from tests.machines.one_machine import PATIENCE, OneMachine, executor


@pytest.mark.slow
def test_the_record_of_another_home_is_whole_signed_and_of_the_same_hashes(
    tmp_path: Path, places: Places, request_for_mine: EvaluationRequest
) -> None:
    machine = OneMachine(tmp_path / "machine")
    ray = executor(tmp_path / "host", machine)
    assert ray.free_profiles() == ("edge", f"edge@{class_here()}")
    with ray.reserved("edge") as evaluator:
        assert ray.free_profiles() == ()
        with pytest.raises(NoMachine), ray.reserved("edge"):
            pass
        # Only what travels may be needed: the host's files are gone on the machine.
        log = tmp_path / "log"
        done = evaluator(request_for_mine, replace(places, live_log=log), no_progress)
    lines = log.read_text().splitlines()
    assert lines[0] == f"--- machine one, hardware class {class_here()}"
    assert [line for line in lines if line.startswith("--- process ")][:1] == ["--- process 1"]
    assert len(lines) == len(set(lines)), "what was seen at a beat is not added again at the next"
    assert done.folder == places.records / done.record.id
    assert read_record(done.folder) == done.record
    assert (done.record.status, done.record.submission.sha256) == ("ok", request_for_mine.submission.sha256)
    assert done.record.data.sha256 == request_for_mine.data.sha256
    assert done.record.metrics["accuracy"].value == 1.0
    assert signer_of(done.folder) == machine.key.public
    assert sorted(machine.fetched) == ["data", "submission", "task"]
    assert not list((tmp_path / "machine" / "machines").glob(".records-*"))
    with ray.reserved("edge") as evaluator:
        evaluator(request_for_mine, places, no_progress)
    assert len(machine.fetched) == 3, "what is there is not fetched again"


def test_a_submission_that_cannot_be_one_is_refused_with_its_own_kind_of_error(
    tmp_path: Path, places: Places, request_for_mine: EvaluationRequest
) -> None:
    machine = OneMachine(tmp_path / "machine")
    parcel, contents = pack(request_for_mine, places, b"n")
    wrong = json.loads(parcel.request)
    wrong["submission"]["sha256"] = "0" * 64
    parcel = replace(parcel, request=json.dumps(wrong))
    returned = machine.evaluate("", parcel, contents, PATIENCE)
    assert returned.archive == b""
    assert returned.error[0] == "UserError"
    assert "has SHA-256" in returned.error[1]
    with executor(tmp_path / "host", machine).reserved("edge") as evaluator:
        request = requested(tmp_path, "def build(context): return 1\n", places)
        broken = evaluator(request, places, no_progress)
    assert broken.record.status == "invalid"


def test_errors_keep_their_kind_on_the_way(tmp_path: Path) -> None:
    assert isinstance(_error("InvalidSubmission", "no"), InvalidSubmission)
    assert str(_error("UnknownName", "unknown task 'x'")) == "unknown task 'x'"
    assert isinstance(_error("ClassVar", "no"), HarnessError)
    assert isinstance(_error("os", "no"), HarnessError)


@pytest.mark.parametrize("forged", ["archive", "signature", "key"])
def test_what_the_enrolled_key_did_not_sign_is_refused(
    tmp_path: Path, places: Places, request_for_mine: EvaluationRequest, forged: str
) -> None:
    value = machine_key(tmp_path / "thief") if forged == "key" else b"x"
    machine = OneMachine(tmp_path / "machine", {forged: value})
    with (
        executor(tmp_path / "host", machine).reserved("edge") as evaluator,
        pytest.raises(MachineLost, match="its key did not sign"),
    ):
        evaluator(request_for_mine, places, no_progress)
    assert not places.records.exists() or not list(places.records.iterdir())


@pytest.mark.slow
def test_an_older_answer_cannot_be_sent_again(
    tmp_path: Path, places: Places, request_for_mine: EvaluationRequest
) -> None:
    machine = OneMachine(tmp_path / "machine")
    first = machine.evaluate("", *pack(request_for_mine, places, b"first"), PATIENCE)
    machine.changed = {"archive": first.archive, "signature": first.signature}
    with (
        executor(tmp_path / "host", machine).reserved("edge") as evaluator,
        pytest.raises(MachineLost, match="its key did not sign"),
    ):
        evaluator(request_for_mine, places, no_progress)


@pytest.mark.parametrize(
    "unfit", [{"code_version": "0" * 16}, {"isolation": 4}, {"profiles": ("cpu",)}, {"public_key": "1" * 64}]
)
def test_a_machine_that_is_not_fit_gets_no_job(tmp_path: Path, unfit: dict[str, Any]) -> None:
    machine = OneMachine(tmp_path / "machine", unfit)
    ray = executor(tmp_path / "host", machine)
    assert "edge" not in ray.free_profiles()
    with pytest.raises(NoMachine, match="'edge'"), ray.reserved("edge"):
        pass


def test_only_machines_of_the_class_that_is_named_get_jobs(tmp_path: Path) -> None:
    machine = OneMachine(tmp_path / "machine", {"hardware_class": "abc123"})
    Enrolment(tmp_path).enrol("one", machine.key.public)
    offers = ("edge", "edge@abc123")
    for wanted, free in (("", offers), ("abc123", offers), ("def456", ())):
        ray = RayExecutor(machine, tmp_path, Terms(hardware_class=wanted))  # type: ignore[arg-type]
        assert ray.free_profiles() == free


def test_a_machine_that_was_lost_is_asked_anew_before_it_gets_another_job(
    tmp_path: Path, places: Places, request_for_mine: EvaluationRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = OneMachine(tmp_path / "machine")

    def lost(*_: object) -> Returned:
        raise MachineLost("it did not answer for 30 s")

    monkeypatch.setattr(machine, "evaluate", lost)
    with (
        executor(tmp_path / "host", machine).reserved("edge") as evaluator,
        pytest.raises(MachineLost, match="30 s"),
    ):
        evaluator(request_for_mine, places, no_progress)
    assert machine.forgotten == ["0" * 56]


def test_a_drained_machine_gets_no_job(tmp_path: Path) -> None:
    ray = executor(tmp_path / "host", OneMachine(tmp_path / "machine"))
    Enrolment(tmp_path / "host").set_state("one", "draining")
    assert ray.free_profiles() == ()


def test_a_machine_refuses_a_parcel_of_other_code(
    tmp_path: Path, places: Places, request_for_mine: EvaluationRequest
) -> None:
    parcel, contents = pack(request_for_mine, places, b"n")
    parcel = replace(parcel, code_version="0")
    returned = OneMachine(tmp_path / "machine").evaluate("", parcel, contents, PATIENCE)
    assert returned.error[0] == NotAvailable.__name__
    assert "install the same commit" in returned.error[1]


@pytest.mark.parametrize(
    "fault", [OSError("No space left on device"), HarnessError("the sandbox did not start")]
)
def test_a_machine_whose_code_changed_or_that_has_a_fault_is_told_as_lost_and_rests(
    tmp_path: Path,
    places: Places,
    request_for_mine: EvaluationRequest,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
) -> None:
    machine = OneMachine(tmp_path / "machine")

    def breaks(*_: object) -> None:
        raise fault

    monkeypatch.setattr(evaluating, "evaluate", breaks)
    ray = executor(tmp_path / "host", machine)
    with ray.reserved("edge") as evaluate, pytest.raises(MachineLost, match=str(fault)):
        evaluate(request_for_mine, places, no_progress)
    assert ray.free_profiles() == ()
    monkeypatch.setattr(code_version, "version_on_disk", lambda: "0" * 16)
    with (
        executor(tmp_path / "host", machine).reserved("edge") as evaluate,
        pytest.raises(MachineLost, match="install the same commit"),
    ):
        evaluate(request_for_mine, places, no_progress)
    assert len(machine.forgotten) == 2
    assert not list((tmp_path / "machine" / "machines").glob(".records-*"))


@pytest.mark.parametrize("name", ["../outside", "/tmp/photofinish-outside", "link/outside"])
def test_an_archive_writes_nothing_outside_its_folder(tmp_path: Path, name: str) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, str(tmp_path)
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo(name))
    with pytest.raises(HarnessError, match="cannot be unpacked"):
        unpack(buffer.getvalue(), tmp_path / "in" / "folder")
    assert not (tmp_path / "outside").exists()
    assert not (tmp_path / "in" / "folder").exists()
    shutil.rmtree(tmp_path / "in")


def test_a_forged_record_with_a_good_signature_is_refused(
    tmp_path: Path, places: Places, request_for_mine: EvaluationRequest
) -> None:
    machine = OneMachine(tmp_path / "machine")
    parcel, contents = pack(request_for_mine, places, b"n")
    honest = machine.evaluate("", parcel, contents, PATIENCE)
    unpack(honest.archive, tmp_path / "forged")
    (folder,) = (tmp_path / "forged").iterdir()
    text = (folder / "record.json").read_text()
    (folder / "record.json").write_text(text.replace("north", "south"))
    with pytest.raises(BadData, match="record"):
        _stored(packed([folder]), places.records)
