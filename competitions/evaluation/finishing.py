"""How a result is stored: in one transaction with the end of its job, once, and only by its holder."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from competitions.queue.leases import Claim, end, take_away
from competitions.queue.placing import settle
from competitions.rules.feedback import PublicScore, shown_score
from competitions.store.database import clock, lock, writing
from competitions.store.events import note, touch
from competitions.store.hosted import Files, Hosted, found
from competitions.store.results import columns_of, draws_of
from competitions.store.tables import COMPETITIONS, RESULTS, SUBMISSIONS, TEAMS
from harness.record import Record
from harness.spec import Goal

Fault = Literal["rehearsal", "theirs", "ours"]


@dataclass(frozen=True, eq=False)
class Scored:
    """A submission that was scored.

    ``record`` is the JSON of its record and ``hardware`` its hardware class; both are empty for predictions.
    """

    public: PublicScore
    goal: Goal
    record: str = ""
    hardware: str = ""


@dataclass(frozen=True)
class Failed:
    """A submission that failed, by whose fault, and what its team is told."""

    fault: Fault
    message: str


Outcome = Scored | Failed


def finish(engine: sa.Engine, held: Claim, outcome: Outcome) -> bool:
    """Store what came of a job; False where it was given to another worker meanwhile.

    A record of another hardware class than its board's is not stored: the job is done again on the right one.
    """
    submission, entered = held.submission, held.submission.entered
    with writing(engine) as connection:
        lock(connection, COMPETITIONS, COMPETITIONS.c.slug == entered.competition)
        hosted = found(connection, entered.competition)
        if isinstance(outcome, Scored) and (cause := _elsewhere(hosted, entered.profile, outcome)):
            take_away(connection, held, cause)
            return False
        name = "scored" if isinstance(outcome, Scored) else f"failed: {outcome.fault}"
        if not end(connection, held, name):
            return False
        values = {"finished": clock(connection), "stage": ""}
        if isinstance(outcome, Failed):
            values |= {"state": "failed", "fault": outcome.fault, "message": outcome.message[:2000]}
        else:
            values |= {"state": "scored"}
            _insert_result(connection, held, hosted, outcome)
            settle(connection, hosted, entered.profile, outcome.hardware)
        where = SUBMISSIONS.c.id == submission.id
        connection.execute(sa.update(SUBMISSIONS).where(where).values(values))
        note(connection, entered.competition, held.worker, name, submission=submission.id)
        touch(connection, entered.competition)
        return True


def discard(home: Path, held: Claim, outcome: Outcome) -> None:
    """Remove the folder of a record that ``finish`` did not store."""
    if isinstance(outcome, Scored) and outcome.record:
        record = Record.model_validate_json(outcome.record)
        records = Files.of(home, held.submission.entered.competition).records
        shutil.rmtree(records / record.id, ignore_errors=True)


def _elsewhere(hosted: Hosted, profile: str, scored: Scored) -> str:
    """Say that a record is of another hardware class than its board's; empty where it is not."""
    board = hosted.hardware(profile)
    if not scored.hardware or board in {"", scored.hardware}:
        return ""
    return f"evaluated on hardware class {scored.hardware}, its board compares {board}"


def _insert_result(connection: sa.Connection, held: Claim, hosted: Hosted, scored: Scored) -> None:
    # Read again: the team may have merged into another since the job was handed out.
    where = SUBMISSIONS.c.id == held.submission.id
    team = connection.scalar(sa.select(SUBMISSIONS.c.team).where(where))
    entered = held.submission.entered
    lock(connection, TEAMS, TEAMS.c.id == team)
    best = _best(connection, held, scored.goal, team) if hosted.competition.feedback == "ladder" else None
    shown = shown_score(hosted.competition.feedback, scored.goal, scored.public, best)
    connection.execute(
        sa.insert(RESULTS).values(
            submission=held.submission.id,
            competition=entered.competition,
            profile=entered.profile,
            team=team,
            record=scored.record,
            hardware=scored.hardware,
            public=scored.public.value,
            shown=shown,
            submitted=held.submission.times.created,
            **columns_of(scored.public.draws),
        )
    )


def _best(connection: sa.Connection, held: Claim, goal: Goal, team: int | None) -> PublicScore | None:
    """Return the score that the team's best shown one came from."""
    entered = held.submission.entered
    where = sa.and_(
        RESULTS.c.competition == entered.competition,
        RESULTS.c.profile == entered.profile,
        RESULTS.c.team == team,
        RESULTS.c.public == RESULTS.c.shown,
    )
    order = RESULTS.c.shown.desc() if goal == "max" else RESULTS.c.shown
    row = connection.execute(sa.select(RESULTS).where(where).order_by(order, RESULTS.c.submission)).first()
    if row is None:
        return None
    return PublicScore(row.public, draws_of(row))
