"""Invitations to join a team, and to merge teams until a date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from competitions.rules.refusals import Forbidden, NotFound
from competitions.store.database import clock, lock, reading, writing
from competitions.store.events import note, touch
from competitions.store.hosted import found
from competitions.store.people import Account, checked_name
from competitions.store.submissions import DAY_S, made_by
from competitions.store.tables import (
    ACCOUNTS,
    COMPETITIONS,
    INVITATIONS,
    JOBS,
    MEMBERS,
    RESULTS,
    SUBMISSIONS,
    TEAMS,
)
from competitions.store.teams import add_member, led_by, may_join


@dataclass(frozen=True)
class Invitation:
    """An invitation that was not answered: to join a team (``join``), or to merge into one (``merge``)."""

    id: int
    kind: str
    team: str


def invite(engine: sa.Engine, slug: str, leader: Account, name: str) -> None:
    """Invite an account to the leader's team. Raises NotFound where there is no account of that name."""
    _, key = checked_name(name)
    with writing(engine) as connection:
        team = led_by(connection, slug, leader)
        invited = connection.scalar(sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.name_key == key))
        if invited is None:
            raise NotFound("there is no account of that name")
        _invite(connection, slug, team, "join", invited)
        note(connection, slug, leader.name, "invited", team=team, account=invited)


def propose_merge(engine: sa.Engine, slug: str, leader: Account, name: str) -> None:
    """Invite another team to merge into the leader's. Raises NotFound where there is no such team."""
    _, key = checked_name(name)
    with writing(engine) as connection:
        team = led_by(connection, slug, leader)
        where = (TEAMS.c.competition == slug, TEAMS.c.name_key == key, TEAMS.c.merged_into.is_(None))
        other = connection.scalar(sa.select(TEAMS.c.id).where(*where))
        if other is None or other == team:
            raise NotFound("there is no other team of that name")
        _may_merge(connection, slug, team, other)
        _invite(connection, slug, team, "merge", other)
        note(connection, slug, leader.name, "proposed a merge", team=team, other=other)


def invitations(engine: sa.Engine, slug: str, account: Account) -> Sequence[Invitation]:
    """Return the invitations that an account, or the team that it leads, may answer."""
    with reading(engine) as connection:
        return [Invitation(row.id, row.kind, row.name) for row in _open(connection, slug, account)]


def answer(engine: sa.Engine, slug: str, account: Account, invitation: int, *, accept: bool) -> None:
    """Accept or decline an invitation.

    Raises NotFound where it is not the account's, Forbidden where the team would be too large, the date of
    merges has passed, or the account is in a team.
    """
    with writing(engine) as connection:
        lock(connection, COMPETITIONS, COMPETITIONS.c.slug == slug)
        mine = [row for row in _open(connection, slug, account) if row.id == invitation]
        if not mine:
            raise NotFound("there is no such invitation for you")
        connection.execute(sa.delete(INVITATIONS).where(INVITATIONS.c.id == invitation))
        if accept and mine[0].kind == "join":
            may_join(connection, slug, account.id)
            _has_room(connection, slug, mine[0].team, 1)
            add_member(connection, slug, mine[0].team, account.id, leads=False)
        elif accept:
            _may_merge(connection, slug, mine[0].team, mine[0].invited)
            _merge(connection, slug, mine[0].team, mine[0].invited)
        action = "accepted" if accept else "declined"
        note(connection, slug, account.name, f"{action} an invitation", kind=mine[0].kind, team=mine[0].team)


def _open(connection: sa.Connection, slug: str, account: Account) -> Sequence[sa.Row[Any]]:
    team = sa.select(MEMBERS.c.team).where(
        MEMBERS.c.competition == slug, MEMBERS.c.account == account.id, MEMBERS.c.leads == 1
    )
    for_me = sa.and_(INVITATIONS.c.kind == "join", INVITATIONS.c.invited == account.id)
    for_my_team = sa.and_(INVITATIONS.c.kind == "merge", INVITATIONS.c.invited.in_(team))
    query = (
        sa.select(INVITATIONS, TEAMS.c.name)
        .join(TEAMS, TEAMS.c.id == INVITATIONS.c.team)
        .where(INVITATIONS.c.competition == slug, sa.or_(for_me, for_my_team))
        .order_by(INVITATIONS.c.id)
    )
    return connection.execute(query).all()


def _invite(connection: sa.Connection, slug: str, team: int, kind: str, invited: int) -> None:
    values = {"competition": slug, "team": team, "kind": kind, "invited": invited}
    where = [INVITATIONS.c[name] == value for name, value in values.items()]
    if connection.scalar(sa.select(INVITATIONS.c.id).where(*where)) is None:
        connection.execute(sa.insert(INVITATIONS).values(**values, created=clock(connection)))


def _may_merge(connection: sa.Connection, slug: str, team: int, other: int) -> None:
    """Refuse a merge after its date, of too many members, or of more submissions than one team could make."""
    hosted, now = found(connection, slug), clock(connection)
    if now > hosted.competition.schedule.merge_until:
        raise Forbidden("the date until which teams may merge has passed")
    teams = connection.execute(sa.select(TEAMS).where(TEAMS.c.id.in_((team, other)))).all()
    if any(row.disqualified or row.merged_into is not None for row in teams):
        raise Forbidden("a team that was disqualified or merged cannot merge")
    size = sa.select(sa.func.count()).select_from(MEMBERS).where(MEMBERS.c.team == other)
    _has_room(connection, slug, team, connection.scalar(size) or 0)
    limits, start = hosted.competition.limits, hosted.competition.schedule.start
    days = int(now // DAY_S - start // DAY_S) + 1
    most = min(days * limits.daily, limits.total or days * limits.daily)
    made, _ = made_by(connection, slug, (team, other))
    if made > most:
        raise Forbidden(
            f"together the teams made {made} submissions, one team could have made {most} until today"
        )


def _has_room(connection: sa.Connection, slug: str, team: int, more: int) -> None:
    limit = found(connection, slug).competition.limits.team_size
    size = connection.scalar(sa.select(sa.func.count()).select_from(MEMBERS).where(MEMBERS.c.team == team))
    if (size or 0) + more > limit:
        raise Forbidden(f"a team of {slug} has at most {limit} members")


def _merge(connection: sa.Connection, slug: str, team: int, other: int) -> None:
    """Move members, submissions and results of one team to another."""
    connection.execute(sa.update(MEMBERS).where(MEMBERS.c.team == other).values(team=team, leads=0))
    for table in (SUBMISSIONS, RESULTS, JOBS):
        connection.execute(sa.update(table).where(table.c.team == other).values(team=team))
    connection.execute(sa.update(TEAMS).where(TEAMS.c.id == other).values(merged_into=team))
    void = sa.or_(
        INVITATIONS.c.team == other,
        sa.and_(INVITATIONS.c.kind == "merge", INVITATIONS.c.invited == other),
    )
    connection.execute(sa.delete(INVITATIONS).where(void))
    touch(connection, slug)
