"""The JSON API of hosts: disqualify, extend, close, and the signed trail."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from competitions.api import models
from competitions.api.identity import service_of, signed_in
from competitions.hosting import closing, managing
from competitions.hosting.trail import signed_trail
from competitions.rules.refusals import Forbidden
from competitions.store import hosted as store

router = APIRouter(prefix="/{slug}/host")


@router.post("/teams/{team}/disqualification")
def disqualify(request: Request, slug: str, team: int, why: models.Disqualification) -> models.Done:
    """Take a team off the boards, or put it back."""
    managing.disqualify(service_of(request).engine, slug, signed_in(request), team, why.reason)
    return models.Done()


@router.post("/extension")
def extend(request: Request, slug: str, extension: models.Extension) -> models.Done:
    """Move the end to a later time."""
    managing.extend(service_of(request).engine, slug, signed_in(request), extension.end)
    return models.Done()


@router.post("/close")
def close(request: Request, slug: str) -> models.Done:
    """Score the private rows and close the competition."""
    service = service_of(request)
    closing.close(service.engine, service.home, slug, signed_in(request))
    return models.Done()


@router.get("/trail")
def trail(request: Request, slug: str) -> Response:
    """Return the signed trail: to everybody after the close, to hosts before it."""
    service = service_of(request)
    hosted = store.find(service.engine, slug)
    if hosted.closed is None and not store.is_host(service.engine, slug, signed_in(request)):
        raise Forbidden(f"the trail of {slug} is open to everybody after its close")
    return Response(signed_trail(service.engine, service.home, hosted), media_type="application/json")
