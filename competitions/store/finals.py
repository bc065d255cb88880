"""Final selections: the submissions that count at the close."""

from __future__ import annotations

import sqlalchemy as sa

from competitions.rules.refusals import Forbidden
from competitions.store.database import clock, lock, writing
from competitions.store.events import note
from competitions.store.hosted import found
from competitions.store.people import Account
from competitions.store.submissions import find
from competitions.store.tables import SUBMISSIONS, TEAMS


def select_final(engine: sa.Engine, account: Account, submission: int, *, selected: bool) -> None:
    """Select a scored submission of the account's team as final, or take the selection back.

    Raises Forbidden after the end, for what was not scored, and beyond the number of final selections.
    """
    chosen = find(engine, account, submission)
    slug, team = chosen.entered.competition, chosen.entered.team
    with writing(engine) as connection:
        hosted = found(connection, slug)
        lock(connection, TEAMS, TEAMS.c.id == team)
        if hosted.closed is not None or clock(connection) > hosted.competition.schedule.end:
            raise Forbidden("final submissions can be selected until the end of the competition")
        if selected and chosen.progress.state != "scored":
            raise Forbidden("only a submission that was scored can be selected")
        mine = sa.and_(
            SUBMISSIONS.c.competition == slug,
            SUBMISSIONS.c.team == team,
            SUBMISSIONS.c.profile == chosen.entered.profile,
            SUBMISSIONS.c.final == 1,
            SUBMISSIONS.c.id != submission,
        )
        count = connection.scalar(sa.select(sa.func.count()).select_from(SUBMISSIONS).where(mine)) or 0
        most = hosted.competition.limits.finals
        if selected and count >= most:
            raise Forbidden(f"a team selects at most {most} final submissions; take one back first")
        where = SUBMISSIONS.c.id == submission
        connection.execute(sa.update(SUBMISSIONS).where(where).values(final=int(selected)))
        action = "selected as final" if selected else "took back as final"
        note(connection, slug, account.name, action, submission=submission)
