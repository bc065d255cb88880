"""The audit trail: who submitted what and when, with hashes and scores, as a file that the host signs.

The file is JSON: ``trail``, the Ed25519 ``signature`` of its canonical form, and the ``public_key``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from competitions.store.database import folder_of, reading
from competitions.store.hosted import Hosted, found
from competitions.store.tables import ACCOUNTS, COMPETITIONS, EVENTS, RESULTS, SUBMISSIONS, TEAMS
from harness.spec.errors import BadData, UserError

SCHEMA = 1


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


def signing_key(home: Path) -> Ed25519PrivateKey:
    """Return the key with which this home signs trails; it is drawn where there is none."""
    path = folder_of(home) / "keys" / "trail"
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        drawn = path.with_name(f".trail.{os.getpid()}")
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(Ed25519PrivateKey.generate().private_bytes_raw().hex())
        try:
            path.hardlink_to(drawn)
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(path.read_text()))


def public_key(home: Path) -> str:
    """Return the public key of this home's trails, in hexadecimal."""
    return signing_key(home).public_key().public_bytes_raw().hex()


def signed_trail(engine: sa.Engine, home: Path, hosted: Hosted) -> bytes:
    """Return the signed trail of a competition as it is now. Private scores are in it after the close."""
    content = _content(engine, hosted)
    key = signing_key(home)
    signature = key.sign(_canonical(content)).hex()
    signed = {"trail": content, "signature": signature, "public_key": public_key(home)}
    return json.dumps(signed, indent=1, sort_keys=True).encode() + b"\n"


def read_trail(path: Path, key: str = "") -> Trail:
    """Read a signed trail; with ``key`` it must be that key's.

    Raises UserError where the file cannot be read, BadData where it was changed or signed by another key.
    """
    try:
        signed = json.loads(path.read_bytes())
        content, signature, public = signed["trail"], signed["signature"], signed["public_key"]
        if content["schema"] != SCHEMA:
            raise UserError(f"{path} has schema {content['schema']}, this version reads {SCHEMA}")
        verifier = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key or public))
        verifier.verify(bytes.fromhex(signature), _canonical(content))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except InvalidSignature:
        raise BadData(f"{path} was changed after it was signed, or signed by another key") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadData(f"{path} is no signed trail: {error}") from None
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
