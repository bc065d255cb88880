"""What boards show now: public scores while a competition runs, private ones after its close."""

from __future__ import annotations

from functools import lru_cache

import sqlalchemy as sa

from competitions.rules.feedback import DIGITS
from competitions.standings.board import Board, BoardRow, elsewhere, goal_of, recent_board
from competitions.standings.final import from_json
from competitions.store.database import reading
from competitions.store.hosted import Hosted
from competitions.store.tables import COMPETITIONS, RESULTS, SUBMISSIONS

_EXACT = 5


def board_now(engine: sa.Engine, hosted: Hosted, profile: str) -> Board:
    """Return the board of a profile as everybody may see it."""
    if hosted.closed is None:
        return recent_board(engine, hosted, profile)
    return _final_board(engine, hosted, profile, hosted.stamp)


def digits_of(hosted: Hosted) -> int:
    """Return how many digits scores are written with."""
    return DIGITS if hosted.competition.feedback == "rounded" and hosted.closed is None else _EXACT


@lru_cache(maxsize=128)
def _final_board(engine: sa.Engine, hosted: Hosted, profile: str, _stamp: int) -> Board:
    with reading(engine) as connection:
        query = sa.select(COMPETITIONS.c.final).where(COMPETITIONS.c.slug == hosted.slug)
        boards = {board.profile: board for board in from_json(connection.scalar(query) or "")}
        rows = boards[profile].rows if profile in boards else ()
        ids = [row.submission for row in rows]
        created = sa.select(SUBMISSIONS.c.id, SUBMISSIONS.c.created).where(SUBMISSIONS.c.id.in_(ids))
        times = {row.id: row.created for row in connection.execute(created)}
        results = connection.execute(sa.select(RESULTS).where(RESULTS.c.submission.in_(ids))).all()
        reasons = {row.submission: [elsewhere(hosted, row)] for row in results if elsewhere(hosted, row)}
        mine = (SUBMISSIONS.c.competition == hosted.slug, SUBMISSIONS.c.state == "scored")
        count = sa.select(SUBMISSIONS.c.team, sa.func.count().label("entries")).where(*mine)
        entries = {row.team: row.entries for row in connection.execute(count.group_by(SUBMISSIONS.c.team))}
    shown = tuple(
        BoardRow(
            row.rank,
            row.team,
            row.name,
            row.private,
            row.submission,
            times.get(row.submission, 0.0),
            entries.get(row.team, 0),
            "; ".join((*row.prizes, *([row.medal] if row.medal else []), *reasons.get(row.submission, []))),
        )
        for row in rows
    )
    return Board(hosted.slug, profile, goal_of(hosted), shown, hosted.hardware(profile))
