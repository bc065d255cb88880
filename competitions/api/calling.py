"""How a request becomes a call on Kaggle's wire, and its answer a response."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from competitions.api.identity import address, service_of, visitor
from competitions.api.kaggle import HANDING_IN
from competitions.api.wire import Answer, Bytes, Call, Redirect


async def answered(request: Request, call: Callable[[Call], Answer], body: dict[str, Any]) -> Answer:
    """Make a call in a thread, for whoever the request says. Raises what the call refuses."""
    if call in HANDING_IN:
        return await service_of(request).hand_in(_call, request, call, body)
    return await run_in_threadpool(_call, request, call, body)


def respond(request: Request, found: Any) -> Response:
    """Turn an answer into a response."""
    if isinstance(found, Redirect):
        return RedirectResponse(f"{base_of(request)}{found.path}", 302)
    if isinstance(found, Bytes):
        # Version 1.6 of the client reads this date of everything that it downloads.
        headers = {"last-modified": formatdate(usegmt=True)}
        return Response(found.data, media_type=found.media_type, headers=headers)
    return JSONResponse(found)


def base_of(request: Request) -> str:
    """Return the address of this server as the client named it."""
    return f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"


def _call(request: Request, call: Callable[[Call], Answer], body: dict[str, Any]) -> Answer:
    service, where = service_of(request), address(request)
    # A session would let pages elsewhere make calls: only tokens count here.
    account = visitor(request) if "authorization" in request.headers else None
    service.requests.take(f"account {account.id}" if account else f"address {where}")
    return call(Call(service, account, body, base_of(request), where))
