"""The audit trail: who submitted what and when, with hashes and scores, as a file that the host signs.

The file is JSON: ``trail``, the Ed25519 ``signature`` of its canonical form, and the ``public_key``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from competitions.store.database import folder_of, reading
from competitions.store.hosted import Hosted, found
from competitions.store.tables import ACCOUNTS, COMPETITIONS, EVENTS, RESULTS, SUBMISSIONS, TEAMS
from harness.files import read_given
from harness.spec.errors import BadData, UserError
from machines.keys import SigningKey, is_signed, signing_key

SCHEMA = 1
_CURE = "'host FOLDER --close' writes one"


@dataclass(frozen=True)
class Trail:
    """A trail whose signature was checked, and the key that signed it."""

    content: Mapping[str, Any]
    public_key: str

    @property
    def submissions(self) -> Sequence[Mapping[str, Any]]:
        """Every submission, in the order in which they came."""
        submissions: Sequence[Mapping[str, Any]] = self.content["submissions"]
        return submissions


def trail_key(home: Path) -> SigningKey:
    """Return the key with which this home signs trails."""
    return signing_key(folder_of(home) / "keys" / "trail")


def signed_trail(engine: sa.Engine, home: Path, hosted: Hosted) -> bytes:
    """Return the signed trail of a competition as it is now. Private scores are in it after the close."""
    content = _content(engine, hosted)
    key = trail_key(home)
    signature = key.sign(_canonical(content)).hex()
    signed = {"trail": content, "signature": signature, "public_key": key.public}
    return json.dumps(signed, indent=1, sort_keys=True).encode() + b"\n"


def read_trail(path: Path, key: str = "") -> Trail:
    """Read a signed trail; with ``key`` it must be that key's.

    Raises UserError where the file cannot be read, BadData where it was changed or signed by another key.
    """
    try:
        signed = json.loads(read_given(path))
        content, signature, public = signed["trail"], signed["signature"], signed["public_key"]
        if content["schema"] != SCHEMA:
            raise UserError(f"{path} has schema {content['schema']}, this version reads {SCHEMA}")
        genuine = is_signed(_canonical(content), bytes.fromhex(signature), key or public)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}; {_CURE}") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadData(f"{path} is no signed trail: {error}; {_CURE}") from None
    if not genuine:
        raise BadData(f"{path} was changed after it was signed, or signed by another key")
    return Trail(content, public)


def _canonical(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _content(engine: sa.Engine, hosted: Hosted) -> dict[str, Any]:
    slug = hosted.slug
    query = (
        sa.select(
            SUBMISSIONS,
            TEAMS.c.name.label("team_name"),
            ACCOUNTS.c.name.label("account_name"),
            *(RESULTS.c[name] for name in ("public", "shown", "private")),
        )
        .join(TEAMS, TEAMS.c.id == SUBMISSIONS.c.team)
        .join(ACCOUNTS, ACCOUNTS.c.id == SUBMISSIONS.c.account)
        .outerjoin(RESULTS, RESULTS.c.submission == SUBMISSIONS.c.id)
        .where(SUBMISSIONS.c.competition == slug)
        .order_by(SUBMISSIONS.c.id)
    )
    events = sa.select(EVENTS).where(EVENTS.c.competition == slug).order_by(EVENTS.c.id)
    with reading(engine) as connection:
        row = connection.execute(sa.select(COMPETITIONS).where(COMPETITIONS.c.slug == slug)).one()
        closed = found(connection, slug).closed
        return {
            "schema": SCHEMA,
            "competition": slug,
            "declaration": json.loads(row.declaration),
            "rules_sha256": row.rules_sha256,
            "evaluation": json.loads(row.evaluation),
            "opened": row.opened,
            "closed": closed,
            "final": json.loads(row.final or "[]"),
            "submissions": [_entry(one, is_closed=closed is not None) for one in connection.execute(query)],
            "events": [
                {"at": one.at, "actor": one.actor, "action": one.action, "details": json.loads(one.details)}
                for one in connection.execute(events)
            ],
        }


def _entry(row: sa.Row[Any], *, is_closed: bool) -> dict[str, Any]:
    """Return what the trail says of one submission; exact scores only after the close."""
    names = ("id", "profile", "kind", "file_name", "sha256", "bytes", "created", "finished", "state", "fault")
    fields = {name: row._mapping[name] for name in names}
    scores = {"public": row.public, "private": row.private} if is_closed else {}
    flags = {"late": bool(row.late), "final": bool(row.final)}
    people = {"team": row.team_name, "account": row.account_name}
    return {**fields, **flags, **people, "shown": row.shown, **scores}
