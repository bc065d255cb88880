"""The JSON API of teams: make, rename, invite, merge."""

from __future__ import annotations

from fastapi import APIRouter, Request

from competitions.api import models
from competitions.api.identity import service_of, signed_in
from competitions.rules.refusals import NotFound
from competitions.store import invitations, teams
from competitions.store.teams import Team

router = APIRouter(prefix="/{slug}/team")


@router.get("")
def team(request: Request, slug: str) -> models.TeamAnswer:
    """Return one's team."""
    found = teams.of_account(service_of(request).engine, slug, signed_in(request))
    if found is None:
        raise NotFound(f"you are in no team of {slug}")
    return _team(found)


@router.post("")
def create(request: Request, slug: str, new: models.NewTeam) -> models.TeamAnswer:
    """Make a team."""
    return _team(teams.create(service_of(request).engine, slug, signed_in(request), new.name))


@router.post("/name")
def rename(request: Request, slug: str, new: models.NewTeam) -> models.Done:
    """Rename the team that one leads."""
    teams.rename(service_of(request).engine, slug, signed_in(request), new.name)
    return models.Done()


@router.post("/invitations")
def invite(request: Request, slug: str, invited: models.NewTeam) -> models.Done:
    """Invite an account to the team that one leads."""
    invitations.invite(service_of(request).engine, slug, signed_in(request), invited.name)
    return models.Done()


@router.post("/merges")
def propose_merge(request: Request, slug: str, other: models.NewTeam) -> models.Done:
    """Propose to another team to merge into the one that one leads."""
    invitations.propose_merge(service_of(request).engine, slug, signed_in(request), other.name)
    return models.Done()


@router.get("/invitations")
def my_invitations(request: Request, slug: str) -> list[models.InvitationAnswer]:
    """List the invitations that one may answer."""
    found = invitations.invitations(service_of(request).engine, slug, signed_in(request))
    return [models.InvitationAnswer(id=one.id, kind=one.kind, team=one.team) for one in found]


@router.post("/invitations/{number}")
def answer(request: Request, slug: str, number: int, reply: models.Reply) -> models.Done:
    """Accept or decline an invitation."""
    account = signed_in(request)
    invitations.answer(service_of(request).engine, slug, account, number, accept=reply.accept)
    return models.Done()


def _team(found: Team) -> models.TeamAnswer:
    return models.TeamAnswer(
        id=found.id, name=found.name, members=found.members, disqualified=found.disqualified
    )
