"""The page of one's team: its name, members, invitations and merges."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sqlalchemy as sa
from starlette.responses import Response

from competitions.pages.frame import participant
from competitions.pages.visits import Visit, go
from competitions.rules.refusals import Refused
from competitions.store import invitations, teams
from competitions.store.people import Account

_ACTIONS: Mapping[str, Callable[[sa.Engine, str, Account, str], object]] = {
    "create": teams.create,
    "rename": teams.rename,
    "invite": invitations.invite,
    "merge": invitations.propose_merge,
}
"""What the forms of the page do with a name."""


def team(visit: Visit) -> Response:
    """Show the team, or how to make one."""
    frame, account = participant(visit)
    waiting = invitations.invitations(visit.service.engine, frame.hosted.slug, account)
    leads = frame.team is not None and frame.team.members[0] == account.name
    return visit.page("competitions/team.html", frame=frame, waiting=waiting, leads=leads, tab="team")


def change(visit: Visit) -> Response:
    """Make or rename a team, invite an account, or propose a merge."""
    frame, account = participant(visit)
    action = _ACTIONS.get(visit.form.get("action", ""))
    if action is None:
        raise Refused("This form asks for nothing that is known here.")
    action(visit.service.engine, frame.hosted.slug, account, visit.form.get("name", ""))
    return go(f"{frame.path}/team")


def reply(visit: Visit) -> Response:
    """Accept or decline an invitation."""
    frame, account = participant(visit)
    accept = visit.form.get("accept") == "yes"
    invitations.answer(visit.service.engine, frame.hosted.slug, account, visit.number, accept=accept)
    return go(f"{frame.path}/team")
