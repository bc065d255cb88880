"""What a host decides while a competition runs: disqualify, reinstate, extend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from competitions.rules.declaration import Declaration, day
from competitions.rules.refusals import Forbidden, NotFound, Refused
from competitions.store.database import reading, writing
from competitions.store.events import note, touch
from competitions.store.hosted import found, hosts
from competitions.store.people import Account
from competitions.store.tables import COMPETITIONS, EVENTS, JOBS, SUBMISSIONS, TEAMS
from leaderboards.boards.names import plain

_LONGEST_REASON = 300


def disqualify(engine: sa.Engine, slug: str, host: Account, team: int, reason: str) -> None:
    """Take a team off the boards, or put it back with an empty reason. Raises Forbidden for others."""
    with writing(engine) as connection:
        check_host(connection, slug, host)
        if found(connection, slug).closed is not None:
            raise Forbidden(f"{slug} is closed; its boards no longer change")
        where = sa.and_(TEAMS.c.id == team, TEAMS.c.competition == slug)
        text = plain(reason, _LONGEST_REASON) if reason.strip() else ""
        if connection.execute(sa.update(TEAMS).where(where).values(disqualified=text)).rowcount != 1:
            raise NotFound(f"{slug} has no team {team}")
        note(connection, slug, host.name, "disqualified" if text else "reinstated", team=team, reason=text)
        touch(connection, slug)


def extend(engine: sa.Engine, slug: str, host: Account, end: float) -> None:
    """Move the end to a later time. Raises Refused for an earlier one, Forbidden for others."""
    with writing(engine) as connection:
        check_host(connection, slug, host)
        hosted = found(connection, slug)
        if hosted.closed is not None:
            raise Forbidden(f"{slug} is closed")
        if end <= hosted.competition.schedule.end:
            raise Refused(f"the end can only move to after {day(hosted.competition.schedule.end)}")
        where = COMPETITIONS.c.slug == slug
        stored = connection.scalar(sa.select(COMPETITIONS.c.declaration).where(where)) or ""
        before = Declaration.model_validate_json(stored)
        schedule = before.schedule.model_copy(update={"end": datetime.fromtimestamp(end, UTC)})
        after = before.model_copy(update={"schedule": schedule}).stored()
        connection.execute(sa.update(COMPETITIONS).where(where).values(declaration=after))
        note(connection, slug, host.name, "extended", until=day(end))
        touch(connection, slug)


def queue_counts(engine: sa.Engine, slug: str) -> Mapping[str, int]:
    """Count the submissions of a competition by their state."""
    query = sa.select(SUBMISSIONS.c.state, sa.func.count()).where(SUBMISSIONS.c.competition == slug)
    with reading(engine) as connection:
        rows = connection.execute(query.group_by(SUBMISSIONS.c.state)).all()
    return {state: int(count) for state, count in rows}


def running(engine: sa.Engine, slug: str) -> Sequence[tuple[int, str, int]]:
    """Return submission, worker and attempt of every job that runs."""
    query = (
        sa.select(JOBS.c.submission, JOBS.c.worker, JOBS.c.attempt)
        .join(SUBMISSIONS, SUBMISSIONS.c.id == JOBS.c.submission)
        .where(SUBMISSIONS.c.competition == slug, JOBS.c.state == "running")
    )
    with reading(engine) as connection:
        return [(row.submission, row.worker, row.attempt) for row in connection.execute(query)]


def teams(engine: sa.Engine, slug: str) -> Sequence[tuple[int, str, str]]:
    """Return id, name and the reason of its disqualification of every team that was not merged away."""
    query = sa.select(TEAMS).where(TEAMS.c.competition == slug, TEAMS.c.merged_into.is_(None))
    with reading(engine) as connection:
        return [
            (row.id, row.name, row.disqualified) for row in connection.execute(query.order_by(TEAMS.c.id))
        ]


def recent_events(engine: sa.Engine, slug: str, limit: int = 100) -> Sequence[tuple[float, str, str, str]]:
    """Return time, actor, action and details (JSON) of the newest events."""
    query = sa.select(EVENTS).where(EVENTS.c.competition == slug).order_by(EVENTS.c.id.desc()).limit(limit)
    with reading(engine) as connection:
        return [(row.at, row.actor, row.action, row.details) for row in connection.execute(query)]


def check_host(connection: sa.Connection, slug: str, account: Account) -> None:
    """Raise Forbidden where an account does not host a competition."""
    if not hosts(connection, slug, account.id):
        raise Forbidden(f"only a host of {slug} may do this")
