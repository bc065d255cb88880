"""Attempts at a submission: who had it, what came of it, and the log that its host may read.

The log holds what the submission printed on hidden data, too: it is never shown to a team.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from competitions.store.database import reading
from competitions.store.hosted import Files
from competitions.store.tables import ATTEMPTS


@dataclass(frozen=True)
class Attempt:
    """One attempt. ``outcome`` is empty while it runs; times are seconds since 1970."""

    number: int
    worker: str
    outcome: str
    started: float
    ended: float | None
    log: Path


def attempt_log(home: Path, slug: str, submission: int, attempt: int) -> Path:
    """Return the file that keeps what an attempt printed."""
    return Files.of(home, slug).folder / "attempts" / f"{submission}-{attempt}.log"


def attempts_at(engine: sa.Engine, home: Path, slug: str, submission: int) -> Sequence[Attempt]:
    """Return the attempts at a submission, the first one first: for its host alone."""
    query = sa.select(ATTEMPTS).where(ATTEMPTS.c.submission == submission).order_by(ATTEMPTS.c.attempt)
    with reading(engine) as connection:
        rows = connection.execute(query).all()
    return [
        Attempt(
            row.attempt,
            row.worker,
            row.outcome,
            row.started,
            row.ended,
            attempt_log(home, slug, submission, row.attempt),
        )
        for row in rows
    ]
