"""Teams: made by their first member; ``invitations`` says how others join."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from competitions.rules.refusals import Forbidden, NotFound, Refused
from competitions.store.database import clock, lock, reading, writing
from competitions.store.events import note, touch
from competitions.store.hosted import accepted, found
from competitions.store.people import Account, checked_name
from competitions.store.tables import ACCOUNTS, COMPETITIONS, MEMBERS, TEAMS


@dataclass(frozen=True)
class Team:
    """A team and its members' names, the leader first. ``disqualified`` holds the reason, if it is."""

    id: int
    competition: str
    name: str
    members: tuple[str, ...]
    disqualified: str = ""


def create(engine: sa.Engine, slug: str, account: Account, name: str = "") -> Team:
    """Make a team with one member, named like the account where no name is given.

    Raises Forbidden where the rules were not accepted or the account is in a team, Refused where the name is
    taken.
    """
    shown, key = checked_name(name or account.name)
    with writing(engine) as connection:
        lock(connection, COMPETITIONS, COMPETITIONS.c.slug == slug)
        may_join(connection, slug, account.id)
        _name_is_free(connection, slug, key, shown)
        team = _insert(connection, slug, shown, key)
        add_member(connection, slug, team, account.id, leads=True)
        note(connection, slug, account.name, "made a team", team=team, name=shown)
        return Team(team, slug, shown, (account.name,))


def ensure(connection: sa.Connection, slug: str, account: Account) -> int:
    """Return the account's team within a transaction; a team of its own is made where it has none.

    A name that another team took gets a number.
    """
    team = team_id(connection, slug, account.id)
    if team is None:
        lock(connection, COMPETITIONS, COMPETITIONS.c.slug == slug)
        team = team_id(connection, slug, account.id)  # another request may have made it meanwhile
    if team is not None:
        return team
    may_join(connection, slug, account.id)
    shown, key = checked_name(account.name)
    taken = set(connection.scalars(sa.select(TEAMS.c.name_key).where(TEAMS.c.competition == slug)))
    number = next(n for n in range(1, len(taken) + 2) if (f"{key}{n}" if n > 1 else key) not in taken)
    if number > 1:
        shown, key = f"{shown} {number}", f"{key}{number}"
    team = _insert(connection, slug, shown, key)
    add_member(connection, slug, team, account.id, leads=True)
    note(connection, slug, account.name, "made a team", team=team, name=shown)
    return team


def of_account(engine: sa.Engine, slug: str, account: Account) -> Team | None:
    """Return the team of an account in a competition."""
    with reading(engine) as connection:
        team = team_id(connection, slug, account.id)
        return None if team is None else read(connection, team)


def team_id(connection: sa.Connection, slug: str, account: int) -> int | None:
    """Return the id of an account's team within a transaction."""
    where = (MEMBERS.c.competition == slug, MEMBERS.c.account == account)
    return connection.scalar(sa.select(MEMBERS.c.team).where(*where))


def read(connection: sa.Connection, team: int) -> Team:
    """Return a team within a transaction. Raises NotFound."""
    members = sa.join(MEMBERS, ACCOUNTS, MEMBERS.c.account == ACCOUNTS.c.id)
    rows = connection.execute(
        sa.select(TEAMS, ACCOUNTS.c.name.label("member"))
        .select_from(sa.outerjoin(TEAMS, members, MEMBERS.c.team == TEAMS.c.id))
        .where(TEAMS.c.id == team)
        .order_by(MEMBERS.c.leads.desc(), MEMBERS.c.joined)
    ).all()
    if not rows:
        raise NotFound("there is no such team")
    names = tuple(row.member for row in rows if row.member is not None)
    return Team(team, rows[0].competition, rows[0].name, names, rows[0].disqualified)


def rename(engine: sa.Engine, slug: str, leader: Account, name: str) -> None:
    """Rename a team. Raises Forbidden unless its leader asks, Refused where the name is taken."""
    shown, key = checked_name(name)
    with writing(engine) as connection:
        lock(connection, COMPETITIONS, COMPETITIONS.c.slug == slug)
        team = led_by(connection, slug, leader)
        if connection.scalar(sa.select(TEAMS.c.name_key).where(TEAMS.c.id == team)) != key:
            _name_is_free(connection, slug, key, shown)
        connection.execute(sa.update(TEAMS).where(TEAMS.c.id == team).values(name=shown, name_key=key))
        note(connection, slug, leader.name, "renamed the team", team=team, name=shown)
        touch(connection, slug)


def led_by(connection: sa.Connection, slug: str, account: Account) -> int:
    """Return the id of the team that an account leads. Raises Forbidden where it leads none."""
    where = (MEMBERS.c.competition == slug, MEMBERS.c.account == account.id, MEMBERS.c.leads == 1)
    team = connection.scalar(sa.select(MEMBERS.c.team).where(*where))
    if team is None:
        raise Forbidden("only the leader of a team may do this")
    return int(team)


def may_join(connection: sa.Connection, slug: str, account: int) -> None:
    """Raise Forbidden where an account cannot be in a team, or is in one already."""
    hosted = found(connection, slug)
    if not accepted(connection, hosted, account):
        raise Forbidden(f"You must accept the rules of {slug} before you can take part.")
    if team_id(connection, slug, account) is not None:
        raise Forbidden(f"you are in a team of {slug} already")
    if clock(connection) > hosted.competition.schedule.end and not hosted.competition.schedule.late:
        raise Forbidden(f"{slug} has ended")


def _name_is_free(connection: sa.Connection, slug: str, key: str, shown: str) -> None:
    where = (TEAMS.c.competition == slug, TEAMS.c.name_key == key)
    if connection.scalar(sa.select(TEAMS.c.id).where(*where)) is not None:
        raise Refused(f"the team name '{shown}', or one that looks like it, is taken; choose another")


def _insert(connection: sa.Connection, slug: str, name: str, key: str) -> int:
    values = {"competition": slug, "name": name, "name_key": key, "disqualified": ""}
    made = sa.insert(TEAMS).values(**values, created=clock(connection), served=0.0)
    return int(connection.execute(made.returning(TEAMS.c.id)).scalar_one())


def add_member(connection: sa.Connection, slug: str, team: int, account: int, *, leads: bool) -> None:
    """Put an account into a team."""
    values = {"competition": slug, "account": account, "team": team, "leads": int(leads)}
    connection.execute(sa.insert(MEMBERS).values(**values, joined=clock(connection)))
