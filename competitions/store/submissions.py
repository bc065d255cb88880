"""What a team handed in, as its members may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa

from competitions.rules.refusals import NotFound
from competitions.store.database import clock, reading
from competitions.store.hosted import Hosted
from competitions.store.people import Account
from competitions.store.tables import RESULTS, SUBMISSIONS
from competitions.store.teams import team_id

State = Literal["queued", "running", "scored", "failed", "cancelled"]
DAY_S = 86_400.0


@dataclass(frozen=True)
class Entered:
    """Where a submission competes."""

    competition: str
    profile: str
    team: int


@dataclass(frozen=True)
class Handed:
    """The file; ``path`` is below the home."""

    name: str
    path: str
    sha256: str
    bytes: int
    kind: str


@dataclass(frozen=True)
class Progress:
    """How far it came. ``fault`` is ``rehearsal``, ``theirs``, ``ours`` or empty; ``stage`` what runs now."""

    state: State
    stage: str
    fault: str
    message: str


@dataclass(frozen=True)
class Times:
    """Seconds since 1970."""

    created: float
    started: float | None
    finished: float | None


@dataclass(frozen=True)
class Submission:
    """One submission. ``public`` is the score that is shown; ``private`` is None until the close."""

    id: int
    entered: Entered
    handed: Handed
    description: str
    progress: Progress
    times: Times
    scores: tuple[float | None, float | None]
    final: bool

    @property
    def public(self) -> float | None:
        """The public score that is shown."""
        return self.scores[0]

    @property
    def private(self) -> float | None:
        """The private score, after the close."""
        return self.scores[1]


@dataclass(frozen=True)
class Allowance:
    """How many submissions a team made, and how many it may make now."""

    today: int
    total: int
    left: int
    limited_by_total: bool


def of_account(
    engine: sa.Engine, hosted: Hosted, account: Account, offset: int = 0, limit: int = 20, profile: str = ""
) -> Sequence[Submission]:
    """Return the submissions of an account's team, the newest first; of one profile where it is named."""
    with reading(engine) as connection:
        team = team_id(connection, hosted.slug, account.id)
        where = [SUBMISSIONS.c.competition == hosted.slug, SUBMISSIONS.c.team == team]
        if profile:
            where.append(SUBMISSIONS.c.profile == profile)
        query = _query().where(*where).order_by(SUBMISSIONS.c.id.desc()).offset(offset).limit(limit)
        return [] if team is None else [_submission(row) for row in connection.execute(query)]


def of_competition(engine: sa.Engine, slug: str, offset: int = 0, limit: int = 100) -> Sequence[Submission]:
    """Return the submissions of every team, the newest first: for the host alone."""
    query = _query().where(SUBMISSIONS.c.competition == slug).order_by(SUBMISSIONS.c.id.desc())
    with reading(engine) as connection:
        return [_submission(row) for row in connection.execute(query.offset(offset).limit(limit))]


def find(engine: sa.Engine, account: Account, submission: int) -> Submission:
    """Return a submission of an account's own team. Raises NotFound for any other."""
    with reading(engine) as connection:
        found = get(connection, submission)
        if team_id(connection, found.entered.competition, account.id) != found.entered.team:
            raise _unknown(submission)
    return found


def get(connection: sa.Connection, submission: int) -> Submission:
    """Return any submission, within a transaction. Raises NotFound."""
    row = connection.execute(_query().where(SUBMISSIONS.c.id == submission)).one_or_none()
    if row is None:
        raise _unknown(submission)
    return _submission(row)


def allowance(connection: sa.Connection, hosted: Hosted, team: int | None) -> Allowance:
    """Count a team's submissions of this UTC day and of all days, but for those that cost no attempt."""
    limits = hosted.competition.limits
    today = clock(connection) // DAY_S * DAY_S
    of_all, of_today = made_by(connection, hosted.slug, (team,), today)
    left_today = max(limits.daily - of_today, 0)
    left = max(limits.total - of_all, 0) if limits.total else left_today
    return Allowance(of_today, of_all, min(left, left_today), left < left_today)


def made_by(
    connection: sa.Connection, slug: str, teams: Sequence[int | None], since: float = 0.0
) -> tuple[int, int]:
    """Count the submissions of teams, but for those that cost no attempt: all, and those since a time."""
    count = sa.func.count
    query = sa.select(count(), count(sa.case((SUBMISSIONS.c.created >= since, 1)))).where(
        SUBMISSIONS.c.competition == slug,
        SUBMISSIONS.c.team.in_(teams),
        sa.or_(SUBMISSIONS.c.state != "cancelled", SUBMISSIONS.c.started.is_not(None)),
        SUBMISSIONS.c.fault.not_in(("rehearsal", "ours")),
    )
    of_all, recent = connection.execute(query).one()
    return of_all, recent


def _query() -> sa.Select[Any]:
    return sa.select(SUBMISSIONS, RESULTS.c.shown, RESULTS.c.private).outerjoin(
        RESULTS, RESULTS.c.submission == SUBMISSIONS.c.id
    )


def _submission(row: sa.Row[Any]) -> Submission:
    return Submission(
        row.id,
        Entered(row.competition, row.profile, row.team),
        Handed(row.file_name, row.path, row.sha256, row.bytes, row.kind),
        row.description,
        Progress(row.state, row.stage, row.fault, row.message),
        Times(row.created, row.started, row.finished),
        (row.shown, row.private),
        bool(row.final),
    )


def _unknown(submission: int) -> NotFound:
    return NotFound(f"you have no submission {submission}")
