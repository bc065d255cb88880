"""How refusals are told: as JSON with a code and a message, which every client of ours shows."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from competitions.rules.refusals import Refused, TooMany


async def refused(request: Request, error: Exception) -> Response:
    """Answer with the message of a refusal."""
    assert isinstance(error, Refused)
    status = error.status
    if status == 401 and request.headers.get("authorization"):
        status = 403  # at 401 the kaggle client shows its own help and not why the token was refused
    headers = {"retry-after": f"{error.retry_s:.0f}"} if isinstance(error, TooMany) else None
    if status == 401:
        headers = {"www-authenticate": 'Basic realm="photofinish"'}
    return JSONResponse({"code": status, "message": str(error)}, status, headers)


async def broken_off(_request: Request, _error: Exception) -> Response:
    """Answer a request whose body broke off, or was larger than a request may be."""
    return JSONResponse({"code": 413, "message": "the request broke off, or was too large"}, 413)
