"""A request names task, data and submission by hash; what is found here has to be what it names."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.evaluate import evaluate
from harness.files import sha256_of
from harness.intake.lookup import find_submission, find_task
from harness.intake.request import (
    EvaluationRequest,
    RequestedData,
    RequestedSubmission,
    RequestedTask,
    RunOptions,
    read_request,
)
from harness.spec import Places, no_progress
from harness.spec.errors import UserError

TINY = Path(__file__).parents[1] / "fixtures" / "tiny"
RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"
Change = Callable[[EvaluationRequest], EvaluationRequest]


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places.under(tmp_path / "given")


@pytest.fixture
def request_made(tmp_path: Path, places: Places) -> EvaluationRequest:
    """A request for a task and a submission of one's own, outside the repository."""
    folder = Path(shutil.copytree(TINY, tmp_path / "tiny"))
    entry = tmp_path / "mine.py"
    entry.write_text(RIGHT)
    task = find_task(str(folder / "task.py"))
    mine, honest = (find_submission(task, name, places) for name in (str(entry), "honest"))
    return EvaluationRequest(
        task=RequestedTask(
            name="tiny", version=1, file=folder / "task.py", sha256=sha256_of(folder / "task.py")
        ),
        data=RequestedData(name="numbers", variant="mini", sha256=f"{7:064x}", seed=7),
        submission=RequestedSubmission(
            name="mine", team="north", kind=mine.kind, sha256=mine.sha256, path=entry
        ),
        reference=RequestedSubmission(name="honest", kind=honest.kind, sha256=honest.sha256),
        run=RunOptions(profile="edge", scenario="single_stream", seed=5, quick=True),
    )


def test_a_request_survives_its_file_and_is_plain_json(
    request_made: EvaluationRequest, tmp_path: Path
) -> None:
    request_made.write(tmp_path / "request.json")
    assert read_request(tmp_path / "request.json") == request_made
    assert json.loads((tmp_path / "request.json").read_text())["schema"] == 1


def test_the_record_is_of_what_the_request_names_and_only_given_folders_are_used(
    request_made: EvaluationRequest, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHOTOFINISH_HOME", str(tmp_path / "home"))
    made = evaluate(request_made, places)
    record = made.record
    assert record.status == "ok", record.message
    assert (record.task, record.task_version, record.data.sha256) == ("tiny", 1, f"{7:064x}")
    assert (record.submission.name, record.submission.team) == ("mine", "north")
    assert record.submission.sha256 == request_made.submission.sha256
    assert record.reference is not None
    assert record.reference.sha256 == request_made.reference.sha256
    assert (record.profile, record.quick, record.seed) == ("edge", True, 5)
    assert made.folder.parent == tmp_path / "given" / "records"
    assert {path.name for path in tmp_path.iterdir()} == {"given", "tiny", "mine.py"}


def with_(part: str, **changes: object) -> Change:
    return lambda request: request.model_copy(
        update={part: getattr(request, part).model_copy(update=changes)}
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_("data", sha256="a" * 64), r"data .* SHA-256 0{16}…, the request names a{16}…; give"),
        (with_("data", source=Path("/nowhere")), "the data are not at /nowhere; copy them here"),
        (with_("data", variant="most"), "unknown data variant 'most'"),
        (with_("submission", sha256="b" * 64), r"submission 'mine' has SHA-256 .*, the request names b{16}…"),
        (with_("submission", path=Path("/nowhere.py")), r"'mine' \(SHA-256 .*…\) is not at /nowhere.py;"),
        (with_("submission", path=None), "unknown entry of tiny 'mine'"),
        (with_("reference", sha256="c" * 64), "the submission 'honest' has SHA-256"),
        (with_("task", file=Path("/nowhere/task.py")), "the task's file is not at /nowhere/task.py"),
        (with_("task", sha256="d" * 64), r"task.py has SHA-256 .*, the request names d{16}…"),
        (with_("task", version=2), "is for task 'tiny' version 2; here it is 'tiny' version 1"),
        (with_("run", profile="gpu"), "is not run on profile 'gpu'"),
        (with_("run", isolation="moat"), "moat"),
    ],
)  # fmt: skip
def test_what_is_not_here_or_not_what_was_meant_is_said(
    request_made: EvaluationRequest, places: Places, change: Change, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        evaluate(change(request_made), places, no_progress)
    assert not places.records.exists()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not an evaluation request: Invalid JSON"),
        ('{"schema": 2}', "schema: Input should be 1"),
        ('{"schema": 1}', "task: Field required"),
    ],
)
def test_a_file_that_is_no_request_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "request.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read_request(path)
    with pytest.raises(UserError, match="cannot be read"):
        read_request(tmp_path / "absent.json")
