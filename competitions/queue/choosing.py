"""Whose job is next: the one rule, in queries whose time does not grow with the number of waiting jobs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from competitions.store.tables import JOBS, TEAMS

STEP_S = 1e-6
"""How much later than another a team is served that is served at the same moment."""


def next_job(connection: sa.Connection, profiles: Sequence[str] | None) -> sa.Row[Any] | None:
    """Return the waiting job that is next, and lock it and its team; None where no job waits.

    A job that was lost with its worker is first. Else it is the turn of the team that was served longest
    ago, where none was served of the team that was made first; its oldest job is next. With ``profiles``
    only jobs for these boards count.
    """
    offered = JOBS.c.profile.in_(profiles) if profiles is not None else sa.true()
    waits = sa.and_(JOBS.c.state == "queued", offered)
    return _lost(connection, waits) or _of_next_team(connection, waits)


def serve(connection: sa.Connection, team: int, now: float) -> None:
    """Note that a team is served now, after all others: also where the clock stands, or was set back."""
    last = connection.scalar(sa.select(sa.func.max(TEAMS.c.served))) or 0.0
    served = max(now, last + STEP_S)
    connection.execute(sa.update(TEAMS).where(TEAMS.c.id == team).values(served=served))


def _lost(connection: sa.Connection, waits: sa.ColumnElement[bool]) -> sa.Row[Any] | None:
    # A literal 0, because SQLite uses an index of some rows only where the query names them literally.
    lost = JOBS.c.losses > sa.literal_column("0")
    query = sa.select(JOBS).join(TEAMS, TEAMS.c.id == JOBS.c.team).where(waits, lost)
    order = query.order_by(TEAMS.c.served, JOBS.c.submission).limit(1)
    return connection.execute(order.with_for_update(of=JOBS, skip_locked=True)).one_or_none()


def _of_next_team(connection: sa.Connection, waits: sa.ColumnElement[bool]) -> sa.Row[Any] | None:
    has_job = sa.exists().where(JOBS.c.team == TEAMS.c.id, waits)
    query = sa.select(TEAMS.c.id).where(has_job).order_by(TEAMS.c.served, TEAMS.c.id).limit(1)
    # A team that is locked is being served at this moment: others come first, but it is not left out.
    team = connection.scalar(query.with_for_update(skip_locked=True))
    if team is None:
        team = connection.scalar(query.with_for_update())
    if team is None:
        return None
    oldest = sa.select(JOBS).where(JOBS.c.team == team, waits).order_by(JOBS.c.submission).limit(1)
    return connection.execute(oldest.with_for_update(skip_locked=True)).one_or_none()
