"""A browser without scripts on the site of one competition: it keeps cookies and sends our forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from starlette.testclient import TestClient

from competitions.api.identity import COOKIE
from competitions.api.site import create_site
from competitions.pages.routes import ROUTES
from competitions.pages.visits import PEOPLE
from tests.competitions.conftest import Play
from tests.leaderboards.web.html import Node, parse

ORIGIN = "http://testserver"


@dataclass
class Visitor:
    """One browser; ``csrf`` is what the forms of its session carry."""

    client: TestClient
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=lambda: {"origin": ORIGIN})

    def get(self, path: str, status: int = 200) -> Node:
        answer = self.client.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-1500:])
        return parse(answer.text)

    def post(self, path: str, status: int = 303, **fields: str) -> Node | None:
        data = {"csrf": self.csrf, **fields}
        answer = self.client.post(path, data=data, headers=self.headers, follow_redirects=False)
        assert answer.status_code == status, (path, answer.status_code, answer.text[-1500:])
        return parse(answer.text) if answer.text else None

    def sign_in(self, token: str) -> None:
        self.post(f"{PEOPLE}/sign-in", token=token)
        page = self.get(f"{PEOPLE}/account")
        self.csrf = next(page.all("input", name="csrf")).attributes["value"]

    @property
    def secret(self) -> str:
        return self.client.cookies.get(COOKIE) or ""


Browsing = Callable[..., Visitor]


@pytest.fixture
def browsing(play: Play) -> Browsing:
    """Open a browser, signed in with a token where one is given."""
    site = create_site(play.home, ROUTES)

    def open_(token: str = "") -> Visitor:
        visitor = Visitor(TestClient(site))
        if token:
            visitor.sign_in(token)
        return visitor

    return open_
