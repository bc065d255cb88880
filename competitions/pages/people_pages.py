"""Signing up, in and out, and the account with its token.

Signing in always makes a new session: what a browser held before is ended and never taken over.
"""

from __future__ import annotations

import json
from urllib.parse import quote

from starlette.responses import Response

from competitions.api.identity import COOKIE, address, by_given_token
from competitions.pages.visits import HOME, PEOPLE, Visit, go, own_path
from competitions.rules.refusals import Refused
from competitions.store import people
from competitions.store.people import SESSION_S, Account


def sign_up_form(visit: Visit) -> Response:
    """Ask for a name."""
    return _form(visit, "competitions/sign_up.html", own_path(visit.asked("next")))


def sign_up(visit: Visit) -> Response:
    """Make an account, sign it in, and show its token this once."""
    onward = own_path(visit.form.get("next", ""))
    try:
        visit.service.sign_ups.take(address(visit.request))
        _, token = people.sign_up(visit.service.engine, visit.form.get("name", ""))
    except Refused as error:
        return _form(visit, "competitions/sign_up.html", onward, error)
    account, secret = people.open_session(visit.service.engine, token)
    return _with_session(
        _token_page(Visit(visit.request, account, {}), account, token, onward), visit, secret
    )


def sign_in_form(visit: Visit) -> Response:
    """Ask for the token."""
    return _form(visit, "competitions/sign_in.html", own_path(visit.asked("next")))


def sign_in(visit: Visit) -> Response:
    """Open a session with a token. Wrong ones are counted by address."""
    onward, service = own_path(visit.form.get("next", "")), visit.service
    token = visit.form.get("token", "").strip()
    try:
        by_given_token(service, token, address(visit.request))
    except Refused as error:
        return _form(visit, "competitions/sign_in.html", onward, error)
    _, secret = people.open_session(service.engine, token)
    return _with_session(go(onward), visit, secret)


def sign_out(visit: Visit) -> Response:
    """End the session."""
    _end_session(visit)
    answer = go(HOME)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def account(visit: Visit) -> Response:
    """Show the account, with the form that makes a new token."""
    visit.signed_in()
    return visit.page("competitions/account.html")


def new_token(visit: Visit) -> Response:
    """Make a new token and show it this once; the older one no longer counts."""
    mine = visit.signed_in()
    visit.service.sign_ups.take(f"token of {mine.id}")
    return _token_page(visit, mine, people.new_token(visit.service.engine, mine), f"{PEOPLE}/account")


def _token_page(visit: Visit, account: Account, token: str, onward: str) -> Response:
    kaggle_json = json.dumps({"username": account.name, "key": token})
    files = {"kaggle.json": kaggle_json, "access_token": token}
    downloads = [(name, f"data:application/octet-stream,{quote(text)}") for name, text in files.items()]
    host = visit.request.headers.get("host", "")
    return visit.page(
        "competitions/token.html", token=token, files=files, downloads=downloads, onward=onward, host=host
    )


def _form(visit: Visit, template: str, onward: str, error: Refused | None = None) -> Response:
    name = visit.form.get("name", "")[:100]
    message = str(error) if error else ""
    status = error.status if error else 200
    return visit.page(template, status, onward=onward, name=name, message=message)


def _with_session(answer: Response, visit: Visit, secret: str) -> Response:
    """Give the browser a session of its own, and end the one that it had."""
    _end_session(visit)
    answer.set_cookie(
        COOKIE,
        secret,
        max_age=int(SESSION_S),
        path="/",
        secure=visit.request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
    return answer


def _end_session(visit: Visit) -> None:
    before = visit.request.cookies.get(COOKIE, "")
    if before:
        people.close_session(visit.service.engine, before)
