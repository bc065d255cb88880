"""How jobs are handed out and given back: leases by the database's clock, and every finish is fenced.

A worker that was lost loses its lease; its job goes first to another, under a higher attempt number, and
what the lost one still reports under the old number is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from competitions.queue.choosing import next_job, serve
from competitions.store.database import clock, reading, writing
from competitions.store.events import note
from competitions.store.submissions import Submission, get
from competitions.store.tables import ATTEMPTS, JOBS, SUBMISSIONS, WATCH

LEASE_S = 30.0
MOST_LOSSES = 2
"""A submission that was lost with so many workers is not tried again."""


@dataclass(frozen=True)
class Claim:
    """A job that a worker has, as its ``attempt``-th holder; ``needs`` is what a machine must offer."""

    submission: Submission
    attempt: int
    worker: str
    needs: str


def claim(
    engine: sa.Engine, worker: str, lease_s: float = LEASE_S, profiles: Sequence[str] | None = None
) -> Claim | None:
    """Take the next job: one that was lost first, then of the team that waited longest, then the oldest.

    With ``profiles`` only jobs for these boards are taken.
    """
    waiting = sa.select(JOBS.c.submission).where(JOBS.c.state == "queued").limit(1)
    with reading(engine) as connection:  # idle workers do not keep those waiting who write
        if connection.scalar(waiting) is None:
            return None
    with writing(engine) as connection:
        job = next_job(connection, profiles)
        if job is None:
            return None
        now, attempt = clock(connection), job.attempt + 1
        mine = JOBS.c.submission == job.submission
        held = {"state": "running", "worker": worker, "attempt": attempt, "lease_until": now + lease_s}
        connection.execute(sa.update(JOBS).where(mine).values(held))
        serve(connection, job.team, now)
        running = {"state": "running", "stage": "starting", "started": now}
        connection.execute(sa.update(SUBMISSIONS).where(SUBMISSIONS.c.id == job.submission).values(running))
        tried = {"submission": job.submission, "attempt": attempt, "worker": worker, "outcome": ""}
        connection.execute(sa.insert(ATTEMPTS).values(**tried, started=now))
        return Claim(get(connection, job.submission), attempt, worker, job.profile)


def extend(engine: sa.Engine, held: Claim, lease_s: float = LEASE_S) -> bool:
    """Prolong a lease; False where the job is no longer this worker's."""
    with writing(engine) as connection:
        until = {"lease_until": clock(connection) + lease_s}
        return connection.execute(sa.update(JOBS).where(_held(held)).values(until)).rowcount == 1


def tell_stage(engine: sa.Engine, held: Claim, stage: str) -> None:
    """Say what is being done, for those who watch."""
    with writing(engine) as connection:
        if connection.scalar(sa.select(JOBS.c.submission).where(_held(held))) is not None:
            where = SUBMISSIONS.c.id == held.submission.id
            connection.execute(sa.update(SUBMISSIONS).where(where).values(stage=stage))


def end(connection: sa.Connection, held: Claim, outcome: str) -> bool:
    """End a job within the transaction that stores its result; False where it is no longer this worker's."""
    if connection.execute(sa.update(JOBS).where(_held(held)).values(state="done")).rowcount != 1:
        return False
    _end_attempt(connection, held.submission.id, held.attempt, outcome)
    return True


def give_back(engine: sa.Engine, held: Claim) -> None:
    """Put a job back at its place, because the worker stops."""
    with writing(engine) as connection:
        waiting = {"state": "queued", "worker": "", "lease_until": 0.0}
        if connection.execute(sa.update(JOBS).where(_held(held)).values(waiting)).rowcount == 1:
            _end_attempt(connection, held.submission.id, held.attempt, "given back")
            _wait_again(connection, held.submission.id)


def lose(engine: sa.Engine, held: Claim, cause: str) -> None:
    """Take a job away from a worker whose machine was lost, and say why."""
    with writing(engine) as connection:
        take_away(connection, held, cause)


def take_away(connection: sa.Connection, held: Claim, cause: str) -> None:
    """Take a job away from a worker within a transaction; nothing where it is no longer this worker's."""
    job = connection.execute(sa.select(JOBS).where(_held(held)).with_for_update()).one_or_none()
    if job is not None:
        _take_away(connection, job, cause)


def withdraw(connection: sa.Connection, submission: int) -> bool:
    """End a job that waits or runs, within the transaction that cancels its submission; False where it ended.

    Its worker learns it when it prolongs the lease, and stops.
    """
    open_ = sa.and_(JOBS.c.submission == submission, JOBS.c.state != "done")
    job = connection.execute(sa.select(JOBS).where(open_).with_for_update()).one_or_none()
    if job is None:
        return False
    connection.execute(sa.update(JOBS).where(open_).values(state="done"))
    if job.state == "running":
        _end_attempt(connection, submission, job.attempt, "cancelled")
    return True


def reclaim(engine: sa.Engine, lease_s: float = LEASE_S) -> int:
    """Take jobs away from workers whose lease has ended, and return how many.

    Where nobody has looked for longer than a lease, the leases are extended first: it was the database or
    everything that was down, not one worker. Where the clock was set back, they end as much earlier.
    """
    with writing(engine) as connection:
        now = clock(connection)
        seen = connection.scalar(sa.select(WATCH.c.seen).where(WATCH.c.id == 1))
        if seen is None:
            connection.execute(sa.insert(WATCH).values(id=1, seen=now))
        else:
            connection.execute(sa.update(WATCH).values(seen=now))
        running = JOBS.c.state == "running"
        if seen is not None and seen > now + lease_s:
            earlier = {"lease_until": JOBS.c.lease_until - (seen - now)}
            connection.execute(sa.update(JOBS).where(running).values(earlier))
            return 0
        if seen is None or now - seen > lease_s:
            fresh = sa.and_(running, JOBS.c.lease_until < now + lease_s)
            connection.execute(sa.update(JOBS).where(fresh).values(lease_until=now + lease_s))
            return 0
        lost = sa.select(JOBS).where(running, JOBS.c.lease_until < now).with_for_update(skip_locked=True)
        jobs = connection.execute(lost).all()
        for job in jobs:
            _take_away(connection, job, "its worker did not answer")
        return len(jobs)


def _take_away(connection: sa.Connection, job: sa.Row[Any], cause: str) -> None:
    losses = job.losses + 1
    again = losses < MOST_LOSSES
    values = {"state": "queued" if again else "done", "losses": losses, "worker": ""}
    connection.execute(sa.update(JOBS).where(JOBS.c.submission == job.submission).values(values))
    _end_attempt(connection, job.submission, job.attempt, f"lost: {cause}")
    if again:
        _wait_again(connection, job.submission)
        return
    message = (
        f"{losses} workers were lost while they evaluated it; the host was told, and no attempt was used"
    )
    failed = {"state": "failed", "fault": "ours", "message": message, "finished": clock(connection)}
    where = SUBMISSIONS.c.id == job.submission
    connection.execute(sa.update(SUBMISSIONS).where(where).values({**failed, "stage": ""}))
    competition = connection.scalar(sa.select(SUBMISSIONS.c.competition).where(where)) or ""
    note(connection, competition, job.worker, "lost", submission=job.submission, losses=losses)


def _wait_again(connection: sa.Connection, submission: int) -> None:
    waiting = {"state": "queued", "stage": "", "started": None}
    connection.execute(sa.update(SUBMISSIONS).where(SUBMISSIONS.c.id == submission).values(waiting))


def _end_attempt(connection: sa.Connection, submission: int, attempt: int, outcome: str) -> None:
    where = sa.and_(ATTEMPTS.c.submission == submission, ATTEMPTS.c.attempt == attempt)
    ended = {"outcome": outcome, "ended": clock(connection)}
    connection.execute(sa.update(ATTEMPTS).where(where).values(ended))


def _held(held: Claim) -> sa.ColumnElement[bool]:
    return sa.and_(
        JOBS.c.submission == held.submission.id, JOBS.c.attempt == held.attempt, JOBS.c.state == "running"
    )
