"""From a submission to its outcome: first the rehearsal, then the hidden data."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from competitions.evaluation import predictions
from competitions.evaluation.finishing import Failed, Outcome, Scored
from competitions.evaluation.reports import Report, write_report
from competitions.evaluation.telling import telling
from competitions.queue.leases import Claim
from competitions.rules.competition import PredictionsChallenge, TaskChallenge
from competitions.store import hosted as store
from competitions.store.database import reading
from competitions.store.hosted import Files, Hosted
from competitions.store.teams import read as read_team
from harness.record.hardware import hardware_class
from harness.spec.errors import HarnessError, InvalidSubmission, SubmissionError
from machines.executor import Evaluator, Executor

if TYPE_CHECKING:
    from competitions.evaluation.code import Arena


def judge(
    engine: sa.Engine, home: Path, held: Claim, executor: Executor, stop: threading.Event | None = None
) -> Outcome:
    """Rehearse a submission and score it. Raises for everything that is not the submission's fault.

    An evaluation that runs when ``stop`` is set is stopped, and Stopped is raised.
    """
    hosted = store.find(engine, held.submission.entered.competition)
    challenge = hosted.competition.challenge
    if isinstance(challenge, PredictionsChallenge):
        return _judge_predictions(home, held, hosted, challenge)
    with executor.reserved(held.needs, stop) as evaluator:
        return _judge_code(engine, home, held, _Judged(hosted, challenge, evaluator))


def solution_of(home: Path, slug: str, challenge: PredictionsChallenge) -> predictions.Solution:
    """Read the hidden solution of a competition; it is kept in memory until its file changes."""
    files = Files.of(home, slug)
    changed = (files.private / challenge.solution).stat().st_mtime_ns
    return _solution(challenge, files.private, files.public / Path(challenge.sample).name, changed)


def arena_of(home: Path, hosted: Hosted, challenge: TaskChallenge) -> Arena:
    """Return where submissions to a task are evaluated."""
    from competitions.evaluation.code import Arena, TaskEvaluation

    return Arena(home, hosted.slug, challenge, TaskEvaluation.model_validate_json(hosted.evaluation))


@lru_cache(maxsize=8)
def _solution(
    challenge: PredictionsChallenge, private: Path, sample: Path, _changed: int
) -> predictions.Solution:
    return predictions.read_solution(challenge, private, sample)


def _judge_predictions(home: Path, held: Claim, hosted: Hosted, challenge: PredictionsChallenge) -> Outcome:
    path, number = home / held.submission.handed.path, held.submission.id
    solution = solution_of(home, hosted.slug, challenge)
    try:
        table = predictions.rehearse(path, solution)
    except InvalidSubmission as error:
        write_report(home, hosted.slug, number, Report(False, str(error)))
        return Failed("rehearsal", str(error))
    write_report(home, hosted.slug, number, Report(True, "rows, columns and values are as they must be"))
    try:
        score = predictions.public_score(table, solution, draws=hosted.competition.feedback == "ladder")
    except InvalidSubmission as error:
        return Failed("theirs", str(error))
    return Scored(score, challenge.goal)


@dataclass(frozen=True)
class _Judged:
    """The competition of a submission of code, and what evaluates it."""

    hosted: Hosted
    challenge: TaskChallenge
    evaluator: Evaluator


def _judge_code(engine: sa.Engine, home: Path, held: Claim, judged: _Judged) -> Outcome:
    from competitions.evaluation import code

    arena = arena_of(home, judged.hosted, judged.challenge)
    path, entered = home / held.submission.handed.path, held.submission.entered
    with reading(engine) as connection:
        team = read_team(connection, entered.team).name
    evaluator = telling(engine, home, held, "rehearsal on public examples", judged.evaluator)
    try:
        rehearsal = code.run(arena, entered.profile, path, team, evaluator, hidden=False)
    except SubmissionError as error:
        write_report(home, judged.hosted.slug, held.submission.id, Report(False, str(error)))
        return Failed("rehearsal", str(error))
    report = code.report_of(rehearsal)
    write_report(home, judged.hosted.slug, held.submission.id, report)
    if not report.passed:
        return Failed("rehearsal", report.message)
    evaluator = telling(engine, home, held, "evaluation on hidden data", judged.evaluator)
    evaluation = code.run(arena, entered.profile, path, team, evaluator, hidden=True)
    if evaluation.record.status != "ok":
        return Failed("theirs", code.hidden_failure(evaluation.record))
    score = code.public_score(evaluation, arena.spec)
    if score is None:
        raise HarnessError(f"record {evaluation.record.id} has no value for {arena.spec.metric.name}")
    record = evaluation.record
    hardware = hardware_class(record.machine, record.isolation.level)
    return Scored(score, arena.spec.metric.goal, record.to_json(), hardware)
