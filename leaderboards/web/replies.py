"""What every reply has: an ETag of its content, 304 where the client has that content, and strict headers.

A page loads nothing from other servers and runs no inline script.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-cache",
}
"""``no-cache``: browsers keep a page, but ask (If-None-Match) before they show it again."""

_CONDITIONS = {b"if-none-match", b"if-modified-since"}
"""Evaluated here and not by the application, whose static files have ETags of their own."""
_FORBIDDEN_WITH_304 = {b"content-length", b"content-type"}


@dataclass(frozen=True)
class Replies:
    """Wrap the application. HEAD is answered as GET, without the body."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        condition = dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1")
        head = scope["method"] == "HEAD"
        reply = _Reply()
        headers = [(name, value) for name, value in scope["headers"] if name not in _CONDITIONS]
        inner = {**scope, "headers": headers, "method": "GET" if head else scope["method"]}
        await self.app(inner, receive, reply.keep)
        start, body = reply.start, bytes(reply.body)
        headers = [(name, value) for name, value in start["headers"] if name not in _OURS]
        headers += list(_OURS.items())
        if start["status"] == 200 and scope["method"] in {"GET", "HEAD"}:
            etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
            headers = [(name, value) for name, value in headers if name != b"etag"]
            headers.append((b"etag", etag.encode()))
            if _matches(condition, etag):
                headers = [(name, value) for name, value in headers if name not in _FORBIDDEN_WITH_304]
                start, body = {**start, "status": 304}, b""
        await send({**start, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if head else body})


_OURS = {name.encode(): value.encode() for name, value in HEADERS.items()}


@dataclass
class _Reply:
    """The answer of the application, collected until it is complete."""

    start: dict[str, Any] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    async def keep(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start = dict(message)
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


def _matches(condition: str, etag: str) -> bool:
    """Say whether an If-None-Match header names this content (RFC 9110: weak comparison)."""
    etags = {part.strip().removeprefix("W/") for part in condition.split(",")}
    return bool(condition) and (etag in etags or "*" in etags)
