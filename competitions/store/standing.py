"""How an account stands to a competition, read in one query: pages ask it each time."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from competitions.rules.refusals import Forbidden
from competitions.store.database import now, reading
from competitions.store.hosted import Hosted
from competitions.store.people import Account
from competitions.store.tables import ACCEPTANCES, HOSTS, MEMBERS, TEAMS


@dataclass(frozen=True)
class Standing:
    """``teams`` take part; ``accepted`` says whether the account accepted the rules; ``team`` is its own.

    ``now`` is the time, in seconds since 1970.
    """

    now: float
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
        now(connection),
        sa.select(sa.func.count()).select_from(TEAMS).where(*every).scalar_subquery(),
        sa.select(one).where(*accepted).scalar_subquery(),
        sa.select(one).where(HOSTS.c.competition == slug, HOSTS.c.account == account).scalar_subquery(),
        sa.select(MEMBERS.c.team)
        .where(MEMBERS.c.competition == slug, MEMBERS.c.account == account)
        .scalar_subquery(),
    )
    time, teams, accepts, hosts, team = connection.execute(query).one()
    return Standing(time, teams, bool(accepts), bool(hosts), team)


def may_read_data(engine: sa.Engine, hosted: Hosted, account: Account) -> None:
    """Raise Forbidden where the rules were not accepted, or the competition has not started."""
    with reading(engine) as connection:
        mine = standing_of(connection, hosted, account.id)
    if not mine.hosts:
        check_reader(hosted, mine)


def check_reader(hosted: Hosted, mine: Standing) -> None:
    """Raise Forbidden where somebody who does not host it may not have the data."""
    if mine.now < hosted.competition.schedule.start:
        raise Forbidden(f"{hosted.slug} has not started yet")
    if not mine.accepted:
        raise Forbidden("You must accept this competition's rules before you'll be able to download files.")
