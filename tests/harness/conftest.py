"""A ring to fight in: the tiny task, this machine's best isolation, and submissions written inline."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.evaluate import Evaluation, EvaluationJob, evaluate_job
from harness.intake.lookup import find_submission, find_task, inspect
from harness.measurement.run_plan import RunSetup
from harness.sandbox import choose
from harness.sandbox.policy import Backend
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, DataRequest, Limits, Places, Prepared, Submission, Task

TINY = Path(__file__).parent.parent / "fixtures" / "tiny" / "task.py"
Write = Callable[..., Submission]


@pytest.fixture(scope="session")
def backend() -> Backend:
    return choose()


@pytest.fixture(scope="session")
def tiny() -> Task:
    return find_task(str(TINY))


@pytest.fixture(scope="session")
def prepared(tiny: Task, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return tiny.dataset.prepare(DataRequest("mini", tmp_path_factory.mktemp("data")))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a submission's source and look at it as the harness would."""

    def written(source: str, name: str = "entry") -> Submission:
        folder = tmp_path / "entries"
        folder.mkdir(exist_ok=True)
        path = folder / f"{name}.py"
        path.write_text(textwrap.dedent(source))
        return inspect(path, Limits(), tmp_path / "home" / "entries")

    return written


@pytest.fixture
def session(backend: Backend, tmp_path: Path) -> Callable[..., Session]:
    """Open a session of a submission on the CPU profile."""
    public = tmp_path / "public"
    public.mkdir()

    def opened(submission: Submission, profile: str = "cpu", **limits: float) -> Session:
        caps = Limits(**{"build_s": 10, "query_s": 2, "run_s": 30, "memory_mb": 500, **limits})  # type: ignore[arg-type]
        return Session(
            ExecutionSettings(backend, PROFILES[profile], caps, public, {"told": "everyone"}),
            submission,
            seed=3,
        )

    return opened


@pytest.fixture
def setup(backend: Backend, tiny: Task, prepared: Prepared, tmp_path: Path) -> RunSetup:
    """The tiny task on the CPU profile."""
    return RunSetup(tiny, prepared, PROFILES["cpu"], backend, tmp_path / "host.log")


@pytest.fixture
def judged(setup: RunSetup, tmp_path: Path) -> Callable[..., Evaluation]:
    """Evaluate a submission on the tiny task, quickly; ``changes`` are the setup's."""

    def evaluated(submission: Submission, *, loadgen: bool = False, **changes: Any) -> Evaluation:
        changed = replace(setup, **{"quick": True, **changes})
        reference = find_submission(setup.task, "honest", Places.under(tmp_path / "home"))
        return evaluate_job(EvaluationJob(changed, submission, reference, tmp_path / "records", loadgen))

    return evaluated
