"""Two homes, as of a host and of a machine, and a request for the tiny task."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.files import sha256_of
from harness.intake.lookup import find_submission, find_task
from harness.intake.request import (
    EvaluationRequest,
    RequestedData,
    RequestedSubmission,
    RequestedTask,
    RunOptions,
)
from harness.spec import DataRequest, Places

ROOT = Path(__file__).parents[2]
RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"


def requested(folder: Path, source: str, places: Places) -> EvaluationRequest:
    """A request to evaluate a submission of this source on the tiny task."""
    file, entry = folder / "tiny" / "task.py", folder / "mine.py"
    if not file.exists():
        shutil.copytree(ROOT / "tests" / "fixtures" / "tiny", file.parent)
    entry.write_text(source)
    task = find_task(str(file))
    prepared = task.dataset.prepare(DataRequest("mini", places.data))
    mine = find_submission(task, str(entry), places, "north")
    reference = find_submission(task, task.execution.reference, places)
    return EvaluationRequest(
        task=RequestedTask(name=task.name, version=task.version, file=file, sha256=sha256_of(file)),
        data=RequestedData(name=prepared.name, variant=prepared.variant, sha256=prepared.sha256),
        submission=RequestedSubmission(
            name="mine", team="north", kind=mine.kind, sha256=mine.sha256, path=entry
        ),
        reference=RequestedSubmission(
            name=reference.name, kind=reference.kind, sha256=reference.sha256, team=reference.team
        ),
        run=RunOptions(profile="edge", scenario=task.execution.scenario, quick=True),
    )


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """The places of the host."""
    return Places.under(tmp_path / "host")


@pytest.fixture
def request_for_mine(tmp_path: Path, places: Places) -> EvaluationRequest:
    """A request to evaluate a submission that answers rightly."""
    return requested(tmp_path, RIGHT, places)
