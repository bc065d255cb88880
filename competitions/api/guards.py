"""What stands before every request: addresses in absolute form, the size of bodies, headers of replies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.responses import JSONResponse

from leaderboards.web.replies import HEADERS

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BODY = 1_000_000
_OURS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
_PROXY = ("http://", "https://")


@dataclass(frozen=True)
class Guards:
    """Wrap an application. Uploads, below ``free``, have limits of their own."""

    app: ASGIApp
    free: str

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope, send = _origin_form(scope), _with_headers(send)
        headers = dict(scope["headers"])
        if b"transfer-encoding" in headers and b"content-length" in headers:
            # A proxy in front may have read another end, and taken what follows for a new request.
            await _refused(400, "the request says in two ways where it ends")(scope, receive, send)
            return
        if scope["path"].startswith(self.free):
            await self.app(scope, receive, send)
            return
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > MOST_BODY:
            await _refused(413, f"a request has at most {MOST_BODY:,} bytes")(scope, receive, send)
            return
        await self.app(scope, _Counted(receive), send)


class _Counted:
    """Receives a body, and nothing of it beyond the limit."""

    def __init__(self, receive: Receive) -> None:
        self._receive, self._left = receive, MOST_BODY

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self._left < 0 else message


def _refused(status: int, message: str) -> JSONResponse:
    """Say what is wrong with a request, and end its connection."""
    return JSONResponse({"code": status, "message": message}, status, {"connection": "close"})


def _origin_form(scope: Scope) -> Scope:
    """Turn ``GET http://host/path``, as a client sends it to a proxy, into ``GET /path``."""
    path: str = scope["path"]
    if not path.startswith(_PROXY):
        return scope
    parts, raw = urlsplit(path), scope.get("raw_path", b"")
    plain = b"/" + raw.split(b"//", 1)[-1].partition(b"/")[2]
    return {**scope, "path": parts.path or "/", "raw_path": plain}


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name for name, _ in message.get("headers", [])}
            more = [(name, value) for name, value in _OURS if name not in present]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        await send(message)

    return sending
