"""The trail of events: who did what, and when. Nothing in it is ever changed."""

from __future__ import annotations

import json

import sqlalchemy as sa

from competitions.store.database import clock
from competitions.store.tables import COMPETITIONS, EVENTS


def note(connection: sa.Connection, competition: str, actor: str, action: str, **details: object) -> None:
    """Add an event within the transaction."""
    values = {"competition": competition, "actor": actor, "action": action, "at": clock(connection)}
    connection.execute(sa.insert(EVENTS).values(**values, details=json.dumps(details, sort_keys=True)))


def touch(connection: sa.Connection, competition: str) -> None:
    """Let boards of a competition be read anew, because something on them changed."""
    grown = {"stamp": COMPETITIONS.c.stamp + 1}
    connection.execute(sa.update(COMPETITIONS).where(COMPETITIONS.c.slug == competition).values(grown))
