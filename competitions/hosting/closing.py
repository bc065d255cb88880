"""The close: private scores for the first time, final boards, prizes, and the signed trail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from competitions.hosting.managing import check_host
from competitions.hosting.private_scores import Rescoring, SplitScore
from competitions.rules.refusals import Forbidden
from competitions.standings.board import contender, elsewhere, goal_of, public_board, ranked_spec
from competitions.standings.final import FinalBoard, Finalist, final_board, to_json
from competitions.store.database import clock, reading, writing
from competitions.store.events import note, touch
from competitions.store.hosted import Hosted, find, found
from competitions.store.people import Account
from competitions.store.submissions import get
from competitions.store.tables import COMPETITIONS, RESULTS, SUBMISSIONS, TEAMS
from harness.fanning import Fan, fanned
from harness.record import Record
from harness.spec import Goal, Progress, no_progress
from leaderboards.ranking import Contender


def close(
    engine: sa.Engine,
    home: Path,
    slug: str,
    host: Account,
    progress: Progress = no_progress,
    fan: Fan = fanned,
) -> tuple[FinalBoard, ...]:
    """Score the private rows of what was scored, rank the final selections, and close the competition.

    ``fan`` computes the scores, by default over processes.
    Raises Forbidden before the end, while submissions wait or run, where it is closed, and for others.
    """
    _check(engine, slug, host)
    hosted = find(engine, slug)
    rows = _scored(engine, slug)
    records = {row.submission: record_id(row.record) for row in rows}
    scores = _private_scores(engine, Rescoring(home, hosted, records, fan), progress)
    boards = tuple(
        _final_board(engine, hosted, profile, rows, scores) for profile in hosted.competition.profiles
    )
    with writing(engine) as connection:
        if found(connection, slug).closed is not None:
            raise Forbidden(f"{slug} is closed")
        for submission, score in scores.items():
            where = RESULTS.c.submission == submission
            connection.execute(sa.update(RESULTS).where(where).values(private=score.value))
        values = {"closed": clock(connection), "final": to_json(boards)}
        connection.execute(sa.update(COMPETITIONS).where(COMPETITIONS.c.slug == slug).values(values))
        note(connection, slug, host.name, "closed", scored=len(scores))
        touch(connection, slug)
    return boards


def final_submissions(rows: Sequence[sa.Row[Any]], most: int, goal: Goal) -> Mapping[int, tuple[int, ...]]:
    """Return the submissions that count for each team: those selected, then the best shown ones."""
    by_team: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    for row in rows:
        by_team[row.team].append(row)
    sign = -1 if goal == "max" else 1
    return {
        team: tuple(
            row.submission
            for row in sorted(own, key=lambda row: (-row.final, sign * row.shown, row.submitted))[:most]
        )
        for team, own in by_team.items()
    }


def _check(engine: sa.Engine, slug: str, host: Account) -> None:
    with reading(engine) as connection:
        hosted = found(connection, slug)
        check_host(connection, slug, host)
        if hosted.closed is not None:
            raise Forbidden(f"{slug} is closed")
        if clock(connection) <= hosted.competition.schedule.end:
            raise Forbidden(f"{slug} has not ended yet; it can be closed after its end")
        waits = sa.and_(SUBMISSIONS.c.competition == slug, SUBMISSIONS.c.state.in_(("queued", "running")))
        count = connection.scalar(sa.select(sa.func.count()).select_from(SUBMISSIONS).where(waits))
        if count:
            raise Forbidden(f"{count} submissions of {slug} wait or run; close it when they are done")


def _scored(engine: sa.Engine, slug: str) -> Sequence[sa.Row[Any]]:
    """Return every result that may count, with its team's name."""
    query = (
        sa.select(RESULTS, SUBMISSIONS.c.final, TEAMS.c.name)
        .join(SUBMISSIONS, SUBMISSIONS.c.id == RESULTS.c.submission)
        .join(TEAMS, TEAMS.c.id == RESULTS.c.team)
        .where(RESULTS.c.competition == slug, SUBMISSIONS.c.late == 0, TEAMS.c.disqualified == "")
        .order_by(RESULTS.c.submission)
    )
    with reading(engine) as connection:
        return connection.execute(query).all()


def _private_scores(engine: sa.Engine, rescoring: Rescoring, progress: Progress) -> dict[int, SplitScore]:
    with reading(engine) as connection:
        submissions = [get(connection, number) for number in rescoring.records]
    scores: dict[int, SplitScore] = {}
    results = rescoring.scores([(submission, "private") for submission in submissions])
    for done, (submission, score) in enumerate(zip(submissions, results, strict=True), 1):
        progress("scoring the private split", done, len(submissions))
        if score is not None:
            scores[submission.id] = score
    return scores


def record_id(record: str) -> str:
    """Return the id of a stored record; empty for predictions, which have none."""
    return Record.model_validate_json(record).id if record else ""


def _final_board(
    engine: sa.Engine,
    hosted: Hosted,
    profile: str,
    rows: Sequence[sa.Row[Any]],
    scores: Mapping[int, SplitScore],
) -> FinalBoard:
    goal, spec = goal_of(hosted), ranked_spec(hosted)
    mine = [row for row in rows if row.profile == profile and row.submission in scores]
    if spec is not None and spec.timed:  # its time tells nothing beside those of the board's class
        comparable = {row.team for row in mine if not elsewhere(hosted, row)}
        mine = [row for row in mine if not (row.team in comparable and elsewhere(hosted, row))]
    chosen = final_submissions(mine, hosted.competition.limits.finals, goal)
    public = {row.team: row.rank for row in public_board(engine, hosted, profile).rows}
    finalists = [
        Finalist(row.team, row.name, public.get(row.team), _private(hosted, row, scores[row.submission]))
        for row in mine
        if row.submission in chosen[row.team]
    ]
    return final_board(profile, finalists, hosted.competition.awards, goal, spec)


def _private(hosted: Hosted, row: sa.Row[Any], score: SplitScore) -> Contender:
    made = contender(hosted, ranked_spec(hosted), row, score.value)
    return replace(made, draws=score.draws)
