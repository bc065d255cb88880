"""The whole site of a home: Kaggle's wire, the JSON API, files, pages, and the boards of the home."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from competitions.api import kaggle, kaggle_rest
from competitions.api.calling import answered, respond
from competitions.api.files import receive, send
from competitions.api.guards import Guards
from competitions.api.json_api import create_api
from competitions.api.prometheus import metrics
from competitions.api.replies import broken_off, refused
from competitions.api.service import Service
from competitions.rules.refusals import NotFound, Refused
from competitions.store.database import open_database
from leaderboards.web.app import create_app
from leaderboards.web.rendering import MORE_LINKS
from leaderboards.web.source import KnownTasks

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp

UPLOADS = "/competitions/upload/"


def create_site(home: Path, pages: Sequence[BaseRoute] = (), tasks: KnownTasks | None = None) -> ASGIApp:
    """Make the application that serves ``home``; ``pages`` are routes of pages below ``/competitions``.

    ``tasks`` have a page each.
    Everything in it finds its ``Service`` as ``request.app.state.service``.
    """
    service = Service(open_database(home), home)
    api = create_api(service)
    files = [
        Route(UPLOADS + "{token}", receive, methods=["PUT"]),
        Route("/competitions/download/{ticket}/{slug}/{name:path}", send, methods=["GET"]),
    ]
    wire = Route("/api/v1/{service}/{method}", answer, methods=["POST"])
    ours = Starlette(
        routes=[
            *kaggle_rest.routes(),
            wire,
            *files,
            Route("/metrics", metrics, methods=["GET"]),
            Mount("/api/competitions", api),
            *pages,
        ],
        exception_handlers={Refused: refused, ClientDisconnect: broken_off},
    )
    ours.state.service = service
    return _Site(Guards(ours, UPLOADS), create_app(home, tasks))


class _Site:
    """Sends each request to the competitions, or to the boards of the home."""

    def __init__(self, competitions: ASGIApp, boards: ASGIApp) -> None:
        self._competitions, self._boards = competitions, boards

    async def __call__(self, scope: Any, receive_: Any, send_: Any) -> None:
        path = scope.get("path", "")
        ours = path == "/metrics" or path.startswith(
            ("/api/v1/", "/api/competitions", "/competitions", "http://", "https://")
        )
        chosen = self._competitions if scope["type"] == "http" and ours else self._boards
        MORE_LINKS.set((("/competitions", "Competitions"),))  # each request has a context of its own
        await chosen(scope, receive_, send_)


async def answer(request: Request) -> Response:
    """Answer one call on Kaggle's wire."""
    name = f"{request.path_params['service']}/{request.path_params['method']}"
    call = kaggle.CALLS.get(name)
    if call is None:
        raise NotFound(f"this server does not know the call {name[:100]}")
    try:
        body = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise Refused("the body of the call is no JSON") from None
    if not isinstance(body, dict):
        raise Refused("the body of the call is no JSON object")
    return respond(request, await answered(request, call, body))
