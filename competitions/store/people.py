"""Accounts, tokens and sessions. Secrets are stored as hashes only and shown once, when they are made."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from competitions.rules.refusals import NotSignedIn, Refused
from competitions.store.database import clock, now, reading, writing
from competitions.store.tables import ACCOUNTS, TOKENS
from leaderboards.boards.names import UNNAMED, plain, skeleton

SESSION_S = 14 * 86_400.0
_FOREVER = 1e18
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Account:
    """A person, or a program of theirs. ``csrf`` is the token of forms, empty where no session is used."""

    id: int
    name: str
    csrf: str = field(default="", repr=False)


def checked_name(name: str) -> tuple[str, str]:
    """Return a name as it is shown, and what it looks like. Raises Refused where it cannot be used."""
    shown = plain(name, _LONGEST_NAME + 1)
    key = "".join(skeleton(name).split())
    if shown == UNNAMED or len(shown) > _LONGEST_NAME or not any(letter.isalnum() for letter in key):
        raise Refused(f"a name has 1 to {_LONGEST_NAME} visible characters, a letter or a digit among them")
    return shown, key


def hashed(secret: str) -> str:
    """Return what is stored of a secret of 256 random bits, which no table of words can hold."""
    return hashlib.sha256(secret.encode()).hexdigest()


def sign_up(engine: sa.Engine, name: str) -> tuple[Account, str]:
    """Make an account and its first token. Raises Refused where the name cannot be had."""
    shown, key = checked_name(name)
    if ":" in shown:  # it ends the name where a client signs in with name and token
        raise Refused("a name cannot hold a colon")
    with writing(engine) as connection:
        if connection.scalar(sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.name_key == key)) is not None:
            raise Refused(f"the name '{shown}', or one that looks like it, is taken; choose another")
        values = {"name": shown, "name_key": key, "created": clock(connection)}
        try:
            made = connection.scalar(sa.insert(ACCOUNTS).values(values).returning(ACCOUNTS.c.id))
        except sa.exc.IntegrityError:
            raise Refused(
                f"the name '{shown}', or one that looks like it, is taken; choose another"
            ) from None
        account = Account(int(made or 0), shown)
        return account, _new_secret(connection, account.id, "api", _FOREVER)[0]


def new_token(engine: sa.Engine, account: Account) -> str:
    """Make a new token for programs; the older ones are no longer valid."""
    with writing(engine) as connection:
        mine = sa.and_(TOKENS.c.account == account.id, TOKENS.c.kind == "api")
        connection.execute(sa.delete(TOKENS).where(mine))
        return _new_secret(connection, account.id, "api", _FOREVER)[0]


def open_session(engine: sa.Engine, token: str) -> tuple[Account, str]:
    """Sign in with a token; return the account with its form token, and the secret of the session."""
    with writing(engine) as connection:
        row = _find(connection, token, "api")
        secret, csrf = _new_secret(connection, row.account, "session", SESSION_S)
        return Account(row.account, row.name, csrf), secret


def close_session(engine: sa.Engine, secret: str) -> None:
    """Sign out."""
    with writing(engine) as connection:
        where = sa.and_(TOKENS.c.hash == hashed(secret), TOKENS.c.kind == "session")
        connection.execute(sa.delete(TOKENS).where(where))


def by_token(engine: sa.Engine, token: str, name: str | None = None) -> Account:
    """Return the account of a token. Raises NotSignedIn for an unknown one, or one of another name."""
    with reading(engine) as connection:
        row = _find(connection, token, "api")
    if name is not None and "".join(skeleton(name).split()) != row.name_key:
        raise NotSignedIn("the token does not belong to this user name")
    return Account(row.account, row.name)


def by_session(engine: sa.Engine, secret: str) -> Account:
    """Return the account of a session. Raises NotSignedIn where it is unknown or has ended."""
    with reading(engine) as connection:
        row = _find(connection, secret, "session")
    return Account(row.account, row.name, row.csrf)


def account_named(engine: sa.Engine, name: str) -> Account | None:
    """Return the account whose name looks like this one."""
    query = sa.select(ACCOUNTS).where(ACCOUNTS.c.name_key == "".join(skeleton(name).split()))
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    return None if row is None else Account(row.id, row.name)


def _find(connection: sa.Connection, secret: str, kind: str) -> sa.Row[Any]:
    query = (
        sa.select(TOKENS, ACCOUNTS.c.name, ACCOUNTS.c.name_key, now(connection).label("now"))
        .join(ACCOUNTS, ACCOUNTS.c.id == TOKENS.c.account)
        .where(TOKENS.c.hash == hashed(secret), TOKENS.c.kind == kind)
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.expires < row.now:
        raise NotSignedIn("this token is not valid; sign in and make a new one on your account's page")
    return row


def _new_secret(connection: sa.Connection, account: int, kind: str, lasts_s: float) -> tuple[str, str]:
    secret, csrf, now = secrets.token_hex(32), secrets.token_hex(16), clock(connection)
    values = {"hash": hashed(secret), "kind": kind, "csrf": csrf if kind == "session" else ""}
    connection.execute(
        sa.insert(TOKENS).values(**values, account=account, created=now, expires=now + lasts_s)
    )
    return secret, csrf
