"""The JSON API, beside the pages and of the same values."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request, Response

from harness.record import Record
from leaderboards.boards.board import Board, as_json
from leaderboards.boards.names import plain
from leaderboards.boards.rank_changes import rank_changes, shake_up
from leaderboards.boards.spec import BoardKey
from leaderboards.store import index
from leaderboards.views.export import to_csv, to_markdown
from leaderboards.web import folder, models
from leaderboards.web.comparison import Time, apart, compare
from leaderboards.web.history import read_history
from leaderboards.web.ordering import RANK, read_ordered
from leaderboards.web.source import (
    Source,
    find_board,
    find_final,
    read_board,
    read_record,
    record_folder,
)

MOST_AT_ONCE = 1_000
MOST_IN_A_FILE = 10_000

router = APIRouter(prefix="/api")


def source(request: Request) -> Source:
    """What the application was made for."""
    found: Source = request.app.state.source
    return found


Here = Annotated[Source, Depends(source)]
Id = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
IdAsked = Annotated[str, Query(pattern="^[0-9a-f]{16}$")]
Offset = Annotated[int, Query(ge=0, le=10**9)]
Word = Annotated[str, Query(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=MOST_AT_ONCE)]


@router.get("/boards", response_model=models.Boards)
def boards(here: Here, task: str | None = None, offset: Offset = 0, limit: Limit = 50) -> models.Boards:
    """All boards, by task."""
    found = index.listings(here.engine, task)
    listed = [_listed(listing) for listing in found[offset : offset + limit]]
    return models.Boards(total=len(found), offset=offset, boards=listed)


@router.get("/boards/{board_id}", response_model=models.BoardAnswer)
def board(
    here: Here,
    board_id: Id,
    offset: Offset = 0,
    limit: Limit = index.PAGE,
    sort: Word = RANK,
    order: Word = "",
) -> Response:
    """One board: ranks, values with intervals, prizes. A Link header names the next page."""
    key, _ = find_board(here, board_id)
    body, total = _board(here, key, index.stamp(here.engine, key), sort, order, offset, limit)
    answer = Response(body, media_type="application/json")
    if offset + limit < total:
        following = urlencode({"sort": sort, "order": order, "offset": offset + limit, "limit": limit})
        answer.headers["link"] = f'</api/boards/{board_id}?{following}>; rel="next"'
    return answer


@lru_cache(maxsize=256)
def _board(
    source: Source, key: BoardKey, _stamp: str | None, sort: str, order: str, offset: int, limit: int
) -> tuple[str, int]:
    """The answer for a board and how many rows it has, kept until its stamp changes."""
    found, _ = read_ordered(source, key, sort, order, offset, limit)
    return models.BoardAnswer.model_validate(as_json(found)).model_dump_json(), found.total


@router.get("/boards/{board_id}/final", response_model=models.FinalAnswer)
def final(here: Here, board_id: Id) -> models.FinalAnswer:
    """How a board was closed; 404 while it is open."""
    found = find_final(here, find_board(here, board_id)[0])
    return models.FinalAnswer(
        closed=found.closed,
        shake_up=shake_up(rank_changes(found.public, found.private)),
        board=models.BoardAnswer.model_validate(as_json(found.private)),
        public_ranks={row.record: row.rank for row in found.public.rows},
    )


@router.get("/boards/{board_id}/history", response_model=models.HistoryAnswer)
def history(here: Here, board_id: Id) -> models.HistoryAnswer:
    """Which records moved the board's best value, and when."""
    key, spec = find_board(here, board_id)
    found = read_history(here, key, spec)
    return models.HistoryAnswer(
        metric=spec.metric.name,
        goal=spec.metric.goal,
        provisional=found.provisional,
        advances=[
            models.BestValueChange(
                started=datetime.fromtimestamp(one.time, UTC).isoformat(),
                value=one.value,
                entry=one.row.entry.name,
                team=one.row.entry.team,
                record=one.row.record,
            )
            for one in found.advances
        ],
    )


@router.get("/boards/{board_id}/board.csv", response_class=Response)
def as_csv(here: Here, board_id: Id, offset: Offset = 0) -> Response:
    """The board as CSV, numbers unrounded: at most 10,000 rows from ``offset`` on."""
    found = read_board(here, find_board(here, board_id)[0], offset, MOST_IN_A_FILE)
    headers = {**_as_file(f"{found.key.task}.csv"), **_rest(found, f"{board_id}/board.csv")}
    return Response(to_csv(found), media_type="text/csv", headers=headers)


@router.get("/boards/{board_id}/board.md", response_class=Response)
def as_markdown(here: Here, board_id: Id, offset: Offset = 0) -> Response:
    """The board as a Markdown table: at most 10,000 rows from ``offset`` on."""
    found = read_board(here, find_board(here, board_id)[0], offset, MOST_IN_A_FILE)
    headers = _rest(found, f"{board_id}/board.md")
    return Response(to_markdown(found), media_type="text/markdown", headers=headers)


@router.get("/records/{record_id}", response_model=Record)
def record(here: Here, record_id: Id) -> Record:
    """One record, as it was sealed."""
    return read_record(here, record_id)


@router.get("/records/{record_id}/units", response_model=models.UnitsAnswer)
def units(here: Here, record_id: Id, offset: Offset = 0, limit: Limit = 50) -> object:
    """What each unit of the public split scored."""
    read_record(here, record_id)
    found = folder.units(record_folder(here, record_id), offset, limit)
    return found or folder.Units((), (), (), 0, offset)


@router.get("/compare", response_model=models.ComparisonAnswer)
def comparison(here: Here, a: IdAsked, b: IdAsked) -> models.ComparisonAnswer:
    """Two records against each other; 409 where they are not of one board."""
    first, second = read_record(here, a), read_record(here, b)
    differing = apart(first, second)
    if differing:
        raise HTTPException(409, f"records of different boards are not compared ({'; '.join(differing)})")
    _, spec = find_board(here, BoardKey.of(first).id)
    found = compare(spec, first, second, record_folder(here, a), record_folder(here, b))
    return models.ComparisonAnswer(
        a=a,
        b=b,
        scores=[
            models.MetricDifference(
                metric=score.column.name,
                value=score.difference.value,
                low=score.difference.low,
                high=score.difference.high,
                p_value=score.difference.p_value,
                words=score.words,
            )
            for score in found.scores
        ],
        time=_timed(found.time),
        memory=found.memory,
        notes=list(found.notes),
    )


def _timed(time: Time | None) -> models.LatencyComparison | None:
    if time is None:
        return None
    ratio = time.ratio
    return models.LatencyComparison(
        ratio=ratio.value, low=ratio.low, high=ratio.high, verdict=time.verdict, words=time.words
    )


def _listed(listing: index.Listing) -> models.BoardSummary:
    key = listing.key
    return models.BoardSummary(
        id=key.id,
        task=key.task,
        task_version=key.version,
        title=plain(listing.title, 80),
        data=models.Data(name=key.data, variant=key.variant, sha256=key.sha256),
        profile=key.profile,
        scenario=key.scenario,
        records=listing.records,
        rows=listing.rows,
        latest=listing.latest,
    )


def _rest(board: Board, path: str) -> dict[str, str]:
    """The header that names where a board's file goes on, if it does."""
    end = board.offset + len(board.rows)
    return {"link": f'</api/boards/{path}?offset={end}>; rel="next"'} if end < board.total else {}


def _as_file(name: str) -> dict[str, str]:
    kept = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "._-"))
    return {"content-disposition": f'attachment; filename="{kept}"'}
