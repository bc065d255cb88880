"""A trial: one process of a submission is asked a few public queries, and nothing is kept of it.

Its times come from one process without a reference beside it: they are for information and never ranked.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ROOT
from harness.measurement.run_plan import RunPlan
from harness.record import Measure
from harness.scoring.scores import score
from harness.session.log import LogCallback
from harness.session.session import Session
from harness.spec import BuildLog, Query, Submission
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from harness.spec import Arrays


PROFILER = ROOT / "harness" / "host" / "profiled.py"


@dataclass(frozen=True)
class Step:
    """One step of a trial: a phase, a lesson or a query.

    ``index`` is that of the query in the run plan, and None for a phase; ``answer`` is what the model gave.
    """

    name: str
    seconds: float
    index: int | None = None
    sent: Arrays | None = None
    answer: Arrays | None = None


def first_public(queries: Sequence[Query], most: int) -> list[int]:
    """Return the indices of the first ``most`` public queries, with the lessons that come before them."""
    public = [index for index, query in enumerate(queries) if query.split == "public"]
    asked = [index for index in public if queries[index].teach is None][:most]
    return [index for index in public if asked and index <= asked[-1]]


def steps(run_plan: RunPlan, most: int, on_log: LogCallback | None = None) -> Iterator[Step]:
    """Take a process of the submission through its phases, then through its first public queries.

    Yields each step when it is done. Raises SubmissionError where the submission fails, and InvalidSubmission
    where an answer is not one.
    """
    task, queries = run_plan.task, run_plan.queries
    with run_plan.open_session(on_log=on_log) as session:
        phases = {
            "start": session.start,
            "import": session.load,
            **task.interaction.phases(session, queries, BuildLog()),
        }
        for name, phase in phases.items():
            yield Step(name, phase())
        for index in first_public(queries, most):
            yield _asked(session, run_plan, index)


def _asked(session: Session, run_plan: RunPlan, index: int) -> Step:
    query = run_plan.queries[index]
    sent = query.load()
    if query.teach is not None:
        return Step(f"lesson {query.id}", session.update(sent, query.teach()).ns / 1e9, index, sent)
    reply = session.ask(sent)
    (answer,) = session.answers(reply)
    run_plan.task.answer.check(answer, query)
    return Step(query.id, reply.ns / 1e9, index, sent, answer)


def scored(run_plan: RunPlan, tried: Sequence[Step]) -> Mapping[str, Measure]:
    """Score the answers of a trial alone; metrics that need the whole run are left out."""
    task, queries = run_plan.task, run_plan.queries
    answers = {
        step.index: task.answer.check(step.answer, queries[step.index])
        for step in tried
        if step.index is not None and step.answer is not None
    }
    return score(task, queries, [answers], "public").metrics


def profiled(submission: Submission, queries: int, folder: Path) -> Submission:
    """Return a submission that prints where the time of another one goes, made in the empty ``folder``.

    It prints after ``queries`` queries. Raises UserError for a bare model, which has no code of its own.
    """
    if submission.kind != "python":
        raise UserError(f"{submission.name} is a bare model; only code in Python can be profiled")
    folder.chmod(0o755)  # a sandbox may belong to another user
    path = submission.path
    if path.is_dir():
        shutil.copytree(path, folder / "entry")
    else:
        (folder / "entry").mkdir()
        shutil.copyfile(path, folder / "entry" / path.name)
    entry = f"entry/{'submission.py' if path.is_dir() else path.name}"
    (folder / "profile.json").write_text(json.dumps({"entry": entry, "queries": queries}))
    shutil.copyfile(PROFILER, folder / "submission.py")
    return replace(submission, path=folder)
