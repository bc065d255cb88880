"""Kaggle's older wire: what versions 1.5 and 1.6 of the client ask, answered by the same calls.

Each route names the call that answers it and says how its address, query and form become that call's body.
"""

from __future__ import annotations

from collections.abc import Mapping
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from competitions.api import kaggle
from competitions.api.calling import answered, respond
from competitions.api.wire import Answer
from competitions.rules.refusals import NotFound, Refused

_PREFIX = "/api/v1/competitions"
_NAMES = {"id": "competitionName", "length": "contentLength", "name": "fileName"}


def routes() -> list[BaseRoute]:
    """Return the routes of the older wire."""
    return [
        Route(f"{_PREFIX}/list", _listed, methods=["GET"]),
        Route(f"{_PREFIX}/data/list/{{id}}", _files, methods=["GET"]),
        Route(f"{_PREFIX}/data/download/{{id}}/{{name:path}}", _file, methods=["GET"]),
        Route(f"{_PREFIX}/data/download-all/{{id}}", _archive, methods=["GET"]),
        Route(f"{_PREFIX}/{{id}}/submissions/url/{{length}}/{{modified}}", _upload, methods=["POST"]),
        Route(f"{_PREFIX}/submissions/submit/{{id}}", _submit, methods=["POST"]),
        Route(f"{_PREFIX}/submissions/list/{{id}}", _submissions, methods=["GET"]),
        Route(f"{_PREFIX}/{{id}}/leaderboard/view", _board, methods=["GET"]),
        Route(f"{_PREFIX}/{{id}}/leaderboard/download", _board_file, methods=["GET"]),
    ]


async def _listed(request: Request) -> Response:
    found = await answered(request, kaggle.list_competitions, _body(request))
    return respond(request, _field(found, "competitions"))


async def _files(request: Request) -> Response:
    return respond(request, await answered(request, kaggle.list_data_files, _body(request)))


async def _file(request: Request) -> Response:
    return respond(request, await answered(request, kaggle.download_data_file, _body(request)))


async def _archive(request: Request) -> Response:
    return respond(request, await answered(request, kaggle.download_data_files, _body(request)))


async def _upload(request: Request) -> Response:
    body = {**_body(request), **await _form(request)}
    try:
        return respond(request, await answered(request, kaggle.start_submission_upload, body))
    except NotFound as error:  # at 404 this client shows its own words, and not what was not found
        raise Refused(str(error)) from None


async def _submit(request: Request) -> Response:
    body = {**_body(request), **await _form(request)}
    return respond(request, await answered(request, kaggle.create_submission, body))


async def _submissions(request: Request) -> Response:
    found = await answered(request, kaggle.list_submissions, _body(request))
    return respond(request, _field(found, "submissions"))


async def _board(request: Request) -> Response:
    return respond(request, await answered(request, kaggle.get_leaderboard, _body(request)))


async def _board_file(request: Request) -> Response:
    return respond(request, await answered(request, kaggle.download_leaderboard, _body(request)))


def _field(found: Answer, name: str) -> Any:
    assert isinstance(found, Mapping), "lists are answered as JSON"
    return found[name]


def _body(request: Request) -> dict[str, Any]:
    """Return the parts of the address and of the query under the names of the newer wire."""
    return {
        **dict(request.query_params),
        **{_NAMES.get(name, name): value for name, value in request.path_params.items()},
    }


async def _form(request: Request) -> dict[str, str]:
    """Read a form of short texts. Raises Refused where it cannot be read."""
    kind, data = request.headers.get("content-type", ""), await request.body()
    if kind.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(data.decode("utf-8", "replace")))
    if not kind.startswith("multipart/form-data"):
        raise Refused("send a form")
    message = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + data, policy=HTTP)
    fields = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            fields[name] = content.decode("utf-8", "replace")
    return fields
