"""One visit of a page: who comes, by session, and what a form said.

Every POST is checked here, before any page sees it: it must come from a page of ours (``Origin``), and where
somebody is signed in it must carry the token of that session's forms.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from competitions.api.identity import COOKIE, service_of
from competitions.api.service import Service
from competitions.pages.rendering import render
from competitions.rules.refusals import Forbidden, NotFound, NotSignedIn, Refused, TooLarge, TooMany
from competitions.store import people
from competitions.store.people import Account

HOME = "/competitions"
PEOPLE = f"{HOME}/-"
"""Below it lies what belongs to no competition; no competition can have that name."""
_MOST_FIELDS = 30
_LARGEST = 2**53
_SLUG = re.compile(r"[a-z0-9-]{2,50}")
_OWN_PATH = re.compile(rf"{HOME}(/[A-Za-z0-9_.-]+)*")


@dataclass(frozen=True)
class Visit:
    """One request, the account of its session, and the fields of its form."""

    request: Request
    account: Account | None
    form: Mapping[str, str]

    @property
    def service(self) -> Service:
        """The database, the home and the limits."""
        return service_of(self.request)

    @property
    def slug(self) -> str:
        """The competition in the address. Raises NotFound where none can have that name."""
        slug = str(self.request.path_params["slug"])
        if not _SLUG.fullmatch(slug):
            raise NotFound("There is no such competition.")
        return slug

    @property
    def number(self) -> int:
        """The number in the address. Raises NotFound where it is larger than any."""
        number = int(self.request.path_params["number"])
        if number > _LARGEST:
            raise NotFound("There is nothing of that number.")
        return number

    def asked(self, name: str) -> str:
        """Return a part of the address's query, or nothing."""
        return self.request.query_params.get(name, "")

    def signed_in(self) -> Account:
        """Return the account. Raises NotSignedIn."""
        if self.account is None:
            raise NotSignedIn("Sign in first.")
        return self.account

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Render a page, which no cache keeps."""
        shown = render(template, account=self.account, here=self.request.url.path, **values)
        return HTMLResponse(shown, status, {"cache-control": "no-store"})


Handler = Callable[[Visit], Response]


def page(path: str, show: Handler | None = None, act: Handler | None = None) -> Route:
    """Make the route of a page that GET shows and POST acts on."""
    methods = [method for method, handler in (("GET", show), ("POST", act)) if handler]

    async def answer(request: Request) -> Response:
        handler = act if request.method == "POST" else show
        if handler is None:  # HEAD of an address that only acts
            raise NotFound("there is nothing to see at this address")
        try:
            form = await _form(request) if request.method == "POST" else {}
        except Refused as error:
            return refusal(Visit(request, None, {}), error)
        return await run_in_threadpool(_answered, handler, request, form)

    return Route(path, answer, methods=methods)


def go(path: str) -> RedirectResponse:
    """Let the browser load a page of ours after a form was handled."""
    return RedirectResponse(path, 303, {"cache-control": "no-store"})


def own_path(path: str) -> str:
    """Return a path below ``/competitions``, or that of the list where it is anything else."""
    return path if _OWN_PATH.fullmatch(path) else HOME


def visitor(request: Request) -> Account | None:
    """Return the account of the session, or None. Raises TooMany where the account asks too often."""
    service, secret = service_of(request), request.cookies.get(COOKIE, "")
    if not secret:
        return None
    try:
        account = people.by_session(service.engine, secret)
    except NotSignedIn:
        return None
    service.requests.take(f"account {account.id}")
    return account


def _answered(handler: Handler, request: Request, form: Mapping[str, str]) -> Response:
    """Check who comes and whether a form is ours, and answer; refusals become pages."""
    visit = Visit(request, None, form)
    try:
        visit = Visit(request, visitor(request), form)
        if request.method == "POST":
            check_form(visit)
        return handler(visit)
    except NotSignedIn as error:
        if request.method == "GET":
            return go(f"{PEOPLE}/sign-in?next={quote(request.url.path)}")
        return refusal(visit, error)
    except Refused as error:
        return refusal(visit, error)


def check_form(visit: Visit) -> None:
    """Raise Forbidden where a form was not sent by a page of ours, or is not of this session."""
    headers = visit.request.headers
    if urlsplit(headers.get("origin", "")).netloc != headers.get("host"):
        raise Forbidden("This form was not sent by a page of this site.")
    if visit.account is not None:
        given = visit.form.get("csrf", "")
        if not hmac.compare_digest(given.encode(), visit.account.csrf.encode()):
            raise Forbidden("This form is of another session. Load the page again.")


async def _form(request: Request) -> dict[str, str]:
    """Read the fields of a form. Raises Refused where it is none, TooLarge beyond what a request may have."""
    try:
        body = (await request.body()).decode()
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ClientDisconnect:
        raise TooLarge("The form broke off, or was too large.") from None
    except ValueError:
        raise Refused("The form cannot be read.") from None


def refusal(visit: Visit, error: Refused) -> Response:
    """Say on a page why something was refused."""
    acted = visit.request.method == "POST"
    shown = visit.page("competitions/refused.html", error.status, message=str(error), acted=acted)
    if isinstance(error, TooMany):
        shown.headers["retry-after"] = f"{error.retry_s:.0f}"
    return shown
