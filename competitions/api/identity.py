"""Who makes a request: by token (Basic or Bearer), or by the session cookie of the pages.

A session counts for requests that change something only together with the token of its forms.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from competitions.api.service import Service
from competitions.rules.refusals import Forbidden, NotSignedIn
from competitions.store import people
from competitions.store.people import Account

if TYPE_CHECKING:
    from starlette.requests import Request

COOKIE = "photofinish_session"
CSRF_HEADER = "x-csrf-token"
_READS = {"GET", "HEAD"}


def service_of(request: Request) -> Service:
    """Return the service of the application that answers."""
    service: Service = request.app.state.service
    return service


def signed_in(request: Request, *, form_token: str = "") -> Account:
    """Return the account that makes a request, and count the request.

    ``form_token`` is what a form carried; programs send it in a header. Raises NotSignedIn, Forbidden where
    the form token of a session is missing, TooMany.
    """
    account = visitor(request)
    if account is None:
        raise NotSignedIn("sign in first, or send a token")
    service_of(request).requests.take(f"account {account.id}")
    if account.csrf and request.method not in _READS:
        given = form_token or request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), account.csrf.encode()):
            raise Forbidden("this request did not come from our own form; load the page again")
    return account


def visitor(request: Request) -> Account | None:
    """Return the account that makes a request, or None where nobody is signed in.

    Raises NotSignedIn for credentials that are wrong, TooMany after too many of them.
    """
    service, header = service_of(request), request.headers.get("authorization", "")
    if header:
        return _by_header(service, header, address(request))
    secret = request.cookies.get(COOKIE, "")
    if not secret:
        return None
    try:
        return people.by_session(service.engine, secret)
    except NotSignedIn:
        return None


def by_given_token(service: Service, token: str, where: str, name: str | None = None) -> Account:
    """Return the account of a token. Wrong ones are counted by address. Raises NotSignedIn, TooMany."""
    service.wrong_tokens.check(where)
    try:
        return people.by_token(service.engine, token, name)
    except NotSignedIn:
        service.wrong_tokens.take(where)
        raise


def address(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else "unknown"


def _by_header(service: Service, header: str, where: str) -> Account:
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return by_given_token(service, value.strip(), where)
    if kind.lower() == "basic":
        try:
            name, _, token = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise NotSignedIn("the Authorization header cannot be read") from None
        return by_given_token(service, token, where, name)
    raise NotSignedIn("send the token as 'Authorization: Bearer TOKEN'")
