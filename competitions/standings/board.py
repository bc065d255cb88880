"""The public board: one row a team, by its best shown score; the earlier submission wins a tie."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from competitions.rules.competition import PredictionsChallenge
from competitions.store.database import reading
from competitions.store.hosted import Hosted, found
from competitions.store.results import draws_of
from competitions.store.tables import RESULTS, SUBMISSIONS, TEAMS
from harness.record import Record
from harness.spec import Goal
from leaderboards.boards.records import contender_of, obstacle_text
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import Contender, board_ranks


@dataclass(frozen=True)
class BoardRow:
    """A team's row; ``entries`` counts its scored submissions.

    ``reason`` says why it has no rank, or why its times are not compared.
    """

    rank: int | None
    team: int
    name: str
    score: float
    submission: int
    submitted: float
    entries: int
    reason: str = ""


@dataclass(frozen=True)
class Board:
    """A board of a competition in its order; ``hardware`` is the class whose times it compares."""

    competition: str
    profile: str
    goal: Goal
    rows: tuple[BoardRow, ...]
    hardware: str = ""


def public_board(engine: sa.Engine, hosted: Hosted, profile: str) -> Board:
    """Return the public board of a profile as it is; it is kept in memory until something on it changes."""
    return _board(engine, hosted.slug, profile, hosted.stamp)


def recent_board(engine: sa.Engine, hosted: Hosted, profile: str) -> Board:
    """Return the public board, or one that is older by at most ten times what ranking it takes.

    So readers of a board that changes all the time cost no more than a tenth of a core.
    """
    key = (engine, hosted.slug, profile)
    kept = _RECENT.get(key)
    if kept is not None and (kept.stamp == hosted.stamp or time.monotonic() < kept.until):
        return kept.board
    if not _RANKING.acquire(blocking=kept is None):
        return kept.board if kept else public_board(engine, hosted, profile)
    try:
        began = time.monotonic()
        board = public_board(engine, hosted, profile)
        now = time.monotonic()
        _RECENT[key] = _Kept(board, hosted.stamp, now + _PATIENCE * (now - began))
    finally:
        _RANKING.release()
    return board


@dataclass(frozen=True)
class _Kept:
    board: Board
    stamp: int
    until: float


_PATIENCE = 10
_RECENT: dict[tuple[sa.Engine, str, str], _Kept] = {}
_RANKING = threading.Lock()


def rank_of(board: Board, team: int | None) -> int | None:
    """Return the rank of a team on a board."""
    return next((row.rank for row in board.rows if row.team == team), None)


def goal_of(hosted: Hosted) -> Goal:
    """Say whether more or less is better."""
    challenge = hosted.competition.challenge
    if isinstance(challenge, PredictionsChallenge):
        return challenge.goal
    return spec_of(hosted).metric.goal


def metric_name(hosted: Hosted) -> str:
    """Name the metric that ranks, for people."""
    challenge = hosted.competition.challenge
    if isinstance(challenge, PredictionsChallenge):
        return challenge.metric.removesuffix(".py")
    return spec_of(hosted).metric.title


def spec_of(hosted: Hosted) -> BoardSpec:
    """Return how the boards of a task's competition are ranked."""
    from competitions.evaluation.code import TaskEvaluation

    return BoardSpec.from_json(TaskEvaluation.model_validate_json(hosted.evaluation).spec)


def contender(hosted: Hosted, spec: BoardSpec | None, row: sa.Row[Any], value: float) -> Contender:
    """Return a stored result as ranking sees it, with the score that counts.

    Its bootstrap draws take part only where scores are shown as they are: ties by a test would tell more.
    A result of another hardware class than its board's has no time; where time ranks, it has no rank.
    """
    if spec is None:
        return Contender(str(row.submission), row.submitted, value)
    draws = draws_of(row) if hosted.competition.feedback == "exact" else None
    made = contender_of(Record.model_validate_json(row.record), spec, draws)
    made = replace(made, id=str(row.submission), started=row.submitted, value=value, reference=False)
    if not elsewhere(hosted, row):
        return made
    return replace(made, latency=None, memory_mb=None, validity="invalid" if spec.timed else made.validity)


def elsewhere(hosted: Hosted, row: sa.Row[Any]) -> str:
    """Say that a result was measured on another hardware class than its board compares; else nothing."""
    board = hosted.hardware(row.profile)
    if board in {"", row.hardware}:
        return ""
    return f"timed on hardware class {row.hardware or 'unknown'}; this board compares times of {board}"


def ranked_spec(hosted: Hosted) -> BoardSpec | None:
    """Return the spec of a task's boards, or None for predictions."""
    return None if isinstance(hosted.competition.challenge, PredictionsChallenge) else spec_of(hosted)


@lru_cache(maxsize=128)
def _board(engine: sa.Engine, slug: str, profile: str, _stamp: int) -> Board:
    with reading(engine) as connection:
        hosted = found(connection, slug)
        goal, spec = goal_of(hosted), ranked_spec(hosted)
        hardware = hosted.hardware(profile)
        first = hardware if spec is not None and spec.timed else ""
        rows = {str(row.submission): row for row in _best(connection, slug, profile, goal, first)}
    if spec is None:
        return Board(slug, profile, goal, _by_score(list(rows.values()), goal))
    ranked = board_ranks([contender(hosted, spec, row, row.shown) for row in rows.values()], goal, spec.gate)
    shown = []
    for one in ranked:
        row = rows[one.contender.id]
        reason = elsewhere(hosted, row) or obstacle_text(one.obstacle, row.shown, spec)
        shown.append(_board_row(row, one.rank, reason))
    return Board(slug, profile, goal, tuple(shown), hardware)


def _by_score(results: Sequence[sa.Row[Any]], goal: Goal) -> tuple[BoardRow, ...]:
    """Rank scores without draws: equal ones share a rank, the earlier submission stands first."""
    sign = -1 if goal == "max" else 1
    order = sorted(results, key=lambda row: (sign * row.shown, row.submitted, row.submission))
    ranks: dict[float, int] = {}
    for place, row in enumerate(order, start=1):
        ranks.setdefault(row.shown, place)
    return tuple(_board_row(row, ranks[row.shown]) for row in order)


def _best(
    connection: sa.Connection, slug: str, profile: str, goal: Goal, hardware: str
) -> Sequence[sa.Row[Any]]:
    """Return the result that counts for each team, with its name and its number of results.

    Where a hardware class is given, one of that class counts before any other.
    """
    other = sa.case((RESULTS.c.hardware == hardware, 0), else_=int(bool(hardware)))
    better = RESULTS.c.shown.desc() if goal == "max" else RESULTS.c.shown.asc()
    place = sa.func.row_number().over(
        partition_by=RESULTS.c.team, order_by=(other, better, RESULTS.c.submitted, RESULTS.c.submission)
    )
    entries = sa.func.count().over(partition_by=RESULTS.c.team)
    every = (
        sa.select(RESULTS.c.submission, place.label("place"), entries.label("entries"))
        .join(SUBMISSIONS, SUBMISSIONS.c.id == RESULTS.c.submission)
        .where(RESULTS.c.competition == slug, RESULTS.c.profile == profile, SUBMISSIONS.c.late == 0)
        .subquery()
    )
    query = (
        sa.select(RESULTS, TEAMS.c.name, every.c.entries)
        .join(every, sa.and_(every.c.submission == RESULTS.c.submission, every.c.place == 1))
        .join(TEAMS, TEAMS.c.id == RESULTS.c.team)
        .where(TEAMS.c.disqualified == "")
    )
    return connection.execute(query).all()


def _board_row(row: sa.Row[Any], rank: int | None, reason: str = "") -> BoardRow:
    return BoardRow(rank, row.team, row.name, row.shown, row.submission, row.submitted, row.entries, reason)
