"""One call on Kaggle's wire, and the answers that are not JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from competitions.api.service import Service
from competitions.rules.refusals import NotSignedIn, Refused
from competitions.store import hosted as store
from competitions.store.hosted import Hosted
from competitions.store.people import Account

_MOST_ROWS = 200


@dataclass(frozen=True)
class Call:
    """One call: who makes it (None: nobody signed in), its body, and the address that replies go to."""

    service: Service
    account: Account | None
    body: Mapping[str, Any]
    base: str
    address: str

    @property
    def person(self) -> Account:
        """Who makes it. Raises NotSignedIn where nobody is signed in."""
        if self.account is None:
            raise NotSignedIn(
                "sign in first: put your kaggle.json or access_token from your account's page here"
            )
        return self.account

    def text(self, name: str) -> str:
        """Return a field of the body as text."""
        value = self.body.get(name, "")
        if not isinstance(value, str):
            raise Refused(f"'{name}' must be a text")
        return value

    def number(self, name: str, default: int) -> int:
        """Return a field of the body as a number that is not negative."""
        value = self.body.get(name, default)
        if isinstance(value, str) and value.isdecimal():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
            raise Refused(f"'{name}' must be a number")
        return value

    def board(self) -> tuple[Hosted, str]:
        """Return the competition and the profile that the call names."""
        return store.find_board(self.service.engine, self.text("competitionName"))

    def page(self) -> tuple[int, int]:
        """Return offset and size of the part of a list that is asked for."""
        size = min(max(self.number("pageSize", 20), 1), _MOST_ROWS)
        token = self.text("pageToken")
        page = self.number("page", 1) if not token else 1
        return (int(token) if token.isdecimal() else max(page - 1, 0) * size), size


@dataclass(frozen=True)
class Redirect:
    """An answer that sends the client to a file."""

    path: str


@dataclass(frozen=True)
class Bytes:
    """An answer that is a file."""

    data: bytes
    media_type: str


Answer = Mapping[str, Any] | Redirect | Bytes


def moment(seconds: float) -> str:
    """Write a time as the client reads it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def next_page(offset: int, size: int, total: int) -> str:
    """Return the token of the next part of a list; empty where there is none."""
    return str(offset + size) if offset + size < total else ""
