"""Find the mistakes of a submission without measuring it: in its source, then with one query."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from harness.intake.source import modules_in, source_mistakes
from harness.interactions import Training
from harness.measurement.run_plan import RunPlan, RunSetup, planned
from harness.sandbox import choose
from harness.session.runtimes import is_model_file
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.session.worker import worker_of
from harness.spec import PROFILES, Limits, Submission
from harness.spec.errors import SubmissionError


@dataclass
class Checked:
    """What was found: mistakes in words, and the seconds of each phase that was tried."""

    mistakes: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)


def check(submission: Submission, setup: RunSetup | None) -> Checked:
    """Look for mistakes in a submission; with ``setup`` also by one query of its task.

    Raises UserError where the submission cannot be run on the profile here.
    """
    checked = Checked(list(_in_source(submission)))
    if checked.mistakes:
        return checked
    try:
        if setup is None:
            checked.phases.update(_imported(submission))
        else:
            with planned(setup, submission, submission) as run_plan:
                checked.phases.update(_tried(run_plan))
    except SubmissionError as error:
        checked.mistakes.append(str(error))
    return checked


def _in_source(submission: Submission) -> Iterator[str]:
    python = worker_of(submission).python
    site = next(python.parent.parent.glob("lib/python*/site-packages"))
    if submission.kind == "python":
        yield from source_mistakes(submission, modules_in(site))


def _imported(submission: Submission) -> Iterator[tuple[str, float]]:
    """Import a submission whose task is not known; a model file is also loaded."""
    with tempfile.TemporaryDirectory(prefix="photofinish-") as folder:
        profile = PROFILES["cpu"]
        settings = ExecutionSettings(choose(), profile, Limits(), Path(folder), {})
        with Session(settings, submission, seed=0) as session:
            yield "start", session.start()
            yield "import", session.load()
            if is_model_file(submission.kind):
                yield "build", session.build()


def _tried(run_plan: RunPlan) -> Iterator[tuple[str, float]]:
    """Build the model and ask one public query, or teach one lesson; a training is only imported."""
    task, asked = run_plan.task, [query for query in run_plan.queries if query.split == "public"]
    with run_plan.open_session() as session:
        yield "start", session.start()
        yield "import", session.load()
        if isinstance(task.interaction, Training):
            return
        yield "build", session.build()
        question = next(query for query in asked if query.teach is None)
        reply = session.ask(question.load())
        yield "query", reply.ns / 1e9
        task.answer.check(session.answers(reply)[0], question)
        lesson = next((query for query in asked if query.teach), None)
        if lesson and lesson.teach:
            yield "lesson", session.update(lesson.load(), lesson.teach()).ns / 1e9
