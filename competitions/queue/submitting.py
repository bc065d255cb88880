"""How a submission is accepted: the limits are checked, and it is stored with its job in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from competitions.queue.leases import withdraw
from competitions.queue.placing import asked_for
from competitions.queue.uploads import Upload, handed_in
from competitions.rules.competition import PredictionsChallenge
from competitions.rules.refusals import Forbidden
from competitions.store.database import clock, lock, reading, writing
from competitions.store.events import note
from competitions.store.hosted import Hosted, found, hosts, profile_of
from competitions.store.people import Account
from competitions.store.standing import check_reader, standing_of
from competitions.store.submissions import DAY_S, Allowance, Handed, Submission, allowance, find, get
from competitions.store.tables import JOBS, SUBMISSIONS, TEAMS, UPLOADS
from competitions.store.teams import ensure, team_id
from harness.files import sha256_of
from leaderboards.boards.names import plain

_LONGEST_DESCRIPTION = 500
_HOSTS = "hosts do not take part in their own competition"


@dataclass(frozen=True)
class Intake:
    """Where submissions are accepted: the database and the home with the uploaded files."""

    engine: sa.Engine
    home: Path


def submit(
    intake: Intake, slug: str, profile: str, account: Account, token: str, description: str = ""
) -> Submission:
    """Accept an upload as a submission; the same upload again returns the same submission.

    The first profile is meant where none is named. Raises Forbidden where the rules were not accepted, it is
    not the time, or a limit is reached.
    """
    with reading(intake.engine) as connection:
        upload = handed_in(connection, intake.home, token, account, slug)
    digest = sha256_of(upload.path)  # outside the transaction: others need not wait for it
    with writing(intake.engine) as connection:
        taken = sa.select(UPLOADS.c.submission).where(UPLOADS.c.hash == upload.hash).with_for_update()
        before = connection.scalar(taken)
        if before is not None:
            return get(connection, before)
        hosted = found(connection, slug)
        handed = _handed(intake.home, hosted, upload, digest)
        made = _accept(connection, hosted, profile, account, handed, description)
        where = UPLOADS.c.hash == upload.hash
        connection.execute(sa.update(UPLOADS).where(where).values(submission=made.id))
        return made


def resubmit(intake: Intake, account: Account, submission: int) -> Submission:
    """Accept the file of an earlier submission of the account's team once more."""
    earlier = find(intake.engine, account, submission)
    with writing(intake.engine) as connection:
        hosted = found(connection, earlier.entered.competition)
        return _accept(
            connection, hosted, earlier.entered.profile, account, earlier.handed, earlier.description
        )


def cancel(engine: sa.Engine, account: Account, submission: int) -> None:
    """Cancel a submission that waits or runs; one that runs costs its attempt.

    Raises Forbidden where it has ended.
    """
    entered = find(engine, account, submission).entered
    with writing(engine) as connection:
        if not withdraw(connection, submission):
            raise Forbidden("only a submission that waits in the queue or runs can be cancelled")
        values = {"state": "cancelled", "stage": "", "finished": clock(connection)}
        where = SUBMISSIONS.c.id == submission
        cancelled = sa.update(SUBMISSIONS).where(where).values(message="cancelled by its team", **values)
        connection.execute(cancelled)
        note(connection, entered.competition, account.name, "cancelled", submission=submission)


def allowance_of(engine: sa.Engine, hosted: Hosted, account: Account) -> Allowance:
    """Return how many submissions the account's team may make now."""
    with reading(engine) as connection:
        return allowance(connection, hosted, team_id(connection, hosted.slug, account.id))


def may_submit(engine: sa.Engine, slug: str, account: Account) -> Hosted:
    """Return the competition. Raises Forbidden where a submission would not be accepted now.

    So it is refused before its bytes are sent.
    """
    with reading(engine) as connection:
        hosted = found(connection, slug)
        mine = standing_of(connection, hosted, account.id)
        if mine.hosts:
            raise Forbidden(_HOSTS)
        check_reader(hosted, mine)
        _is_open(hosted, mine.now)
        _within_limits(connection, hosted, mine.team)
        return hosted


def _accept(
    connection: sa.Connection,
    hosted: Hosted,
    profile: str,
    account: Account,
    handed: Handed,
    description: str,
) -> Submission:
    """Check the rules and insert the submission, its job and the event, within the transaction."""
    profile = profile_of(hosted, profile)
    _is_open(hosted, clock(connection))
    if hosts(connection, hosted.slug, account.id):
        raise Forbidden(_HOSTS)
    team = ensure(connection, hosted.slug, account)
    lock(connection, TEAMS, TEAMS.c.id == team)
    reason = connection.scalar(sa.select(TEAMS.c.disqualified).where(TEAMS.c.id == team))
    if reason:
        raise Forbidden(f"your team was disqualified: {reason}")
    _within_limits(connection, hosted, team)
    now = clock(connection)
    values = {
        "competition": hosted.slug,
        "profile": profile,
        "kind": handed.kind,
        "file_name": handed.name,
        "path": handed.path,
        "sha256": handed.sha256,
        "bytes": handed.bytes,
        "description": plain(description, _LONGEST_DESCRIPTION) if description.strip() else "",
        "team": team,
        "account": account.id,
        "late": int(now > hosted.competition.schedule.end),
        "created": now,
    }
    fresh = {"state": "queued", "stage": "", "fault": "", "message": "", "final": 0}
    made = sa.insert(SUBMISSIONS).values(**values, **fresh).returning(SUBMISSIONS.c.id)
    number = int(connection.execute(made).scalar_one())
    job = {"submission": number, "state": "queued", "worker": "", "team": team}
    job |= {"profile": asked_for(hosted, profile)}
    connection.execute(sa.insert(JOBS).values(**job, attempt=0, losses=0, lease_until=0.0))
    note(connection, hosted.slug, account.name, "submitted", submission=number, sha256=handed.sha256)
    return get(connection, number)


def _is_open(hosted: Hosted, now: float) -> None:
    schedule = hosted.competition.schedule
    if now < schedule.start:
        raise Forbidden(f"{hosted.slug} has not started yet")
    if hosted.closed is not None or (now > schedule.end and not schedule.late):
        raise Forbidden(f"The deadline of {hosted.slug} has passed; submissions are no longer accepted.")


def _within_limits(connection: sa.Connection, hosted: Hosted, team: int | None) -> None:
    limits, made = hosted.competition.limits, allowance(connection, hosted, team)
    if made.left > 0:
        return
    if made.limited_by_total:
        raise Forbidden(f"Your team has used all of its {limits.total} submissions to {hosted.slug}.")
    hours = (DAY_S - clock(connection) % DAY_S) / 3600
    raise Forbidden(
        f"Your team has used its daily submission allowance ({made.today} of {limits.daily}) today, "
        f"please try again tomorrow UTC ({hours:.1f} hours from now)."
    )


def _handed(home: Path, hosted: Hosted, upload: Upload, sha256: str) -> Handed:
    kind = "predictions" if isinstance(hosted.competition.challenge, PredictionsChallenge) else "code"
    return Handed(upload.file_name, str(upload.path.relative_to(home)), sha256, upload.bytes, kind)
