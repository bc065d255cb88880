"""How an account stands to a competition, read in one query: pages ask it each time."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from competitions.store.hosted import Hosted
from competitions.store.tables import ACCEPTANCES, HOSTS, MEMBERS, TEAMS


@dataclass(frozen=True)
class Standing:
    """``teams`` take part; ``accepted`` says whether the account accepted the rules; ``team`` is its own."""

    teams: int
    accepted: bool
    hosts: bool
    team: int | None


def standing_of(connection: sa.Connection, hosted: Hosted, account: int) -> Standing:
    """Return how an account stands to a competition, within a transaction."""
    slug, one = hosted.slug, sa.literal(1)
    every = (TEAMS.c.competition == slug, TEAMS.c.merged_into.is_(None))
    accepted = (
        ACCEPTANCES.c.competition == slug,
        ACCEPTANCES.c.account == account,
        ACCEPTANCES.c.rules_sha256 == hosted.rules_sha256,
    )
    query = sa.select(
        sa.select(sa.func.count()).select_from(TEAMS).where(*every).scalar_subquery(),
        sa.select(one).where(*accepted).scalar_subquery(),
        sa.select(one).where(HOSTS.c.competition == slug, HOSTS.c.account == account).scalar_subquery(),
        sa.select(MEMBERS.c.team)
        .where(MEMBERS.c.competition == slug, MEMBERS.c.account == account)
        .scalar_subquery(),
    )
    teams, accepts, hosts, team = connection.execute(query).one()
    return Standing(teams, bool(accepts), bool(hosts), team)
