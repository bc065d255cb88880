"""The final boards of a competition, as they were stored at its close."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from competitions.standings.final import FinalBoard, from_json
from competitions.store.database import reading
from competitions.store.hosted import Hosted
from competitions.store.tables import COMPETITIONS


def final_board(engine: sa.Engine, hosted: Hosted, profile: str) -> FinalBoard | None:
    """Return the final board of a profile; None while the competition is open."""
    boards = _boards(engine, hosted.slug, hosted.stamp) if hosted.closed is not None else ()
    return next((board for board in boards if board.profile == profile), None)


@lru_cache(maxsize=128)
def _boards(engine: sa.Engine, slug: str, _stamp: int) -> tuple[FinalBoard, ...]:
    with reading(engine) as connection:
        query = sa.select(COMPETITIONS.c.final).where(COMPETITIONS.c.slug == slug)
        return from_json(connection.scalar(query) or "")
