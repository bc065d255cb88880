"""The JSON API: the same values as on the pages."""

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
from leaderboards.web import models
from leaderboards.web.comparison import LatencyComparison, board_differences, compare
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
from leaderboards.web.units import unit_results

MOST_ROWS = 1_000
MOST_ROWS_IN_A_FILE = 10_000

router = APIRouter(prefix="/api")


def app_source(request: Request) -> Source:
    """Return the source that the application was made for."""
    source: Source = request.app.state.source
    return source


AppSource = Annotated[Source, Depends(app_source)]
Id = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]
IdQuery = Annotated[str, Query(pattern="^[0-9a-f]{16}$")]
Offset = Annotated[int, Query(ge=0, le=10**9)]
Word = Annotated[str, Query(max_length=64)]
Page = Annotated[int, Query(ge=1, le=10**7)]
MaybeId = Annotated[str, Query(pattern="^([0-9a-f]{16})?$")]
Limit = Annotated[int, Query(ge=1, le=MOST_ROWS)]


@router.get("/boards", response_model=models.Boards)
def boards(
    source: AppSource, task: str | None = None, offset: Offset = 0, limit: Limit = 50
) -> models.Boards:
    """List all boards, by task."""
    listings = index.listings(source.engine, task)
    summaries = [_summary(listing) for listing in listings[offset : offset + limit]]
    return models.Boards(total=len(listings), offset=offset, boards=summaries)


@router.get("/boards/{board_id}", response_model=models.BoardAnswer)
def board(
    source: AppSource,
    board_id: Id,
    offset: Offset = 0,
    limit: Limit = index.PAGE,
    sort: Word = RANK,
    order: Word = "",
) -> Response:
    """Return one board: ranks, values with intervals, prizes. A Link header names the next page."""
    key, _ = find_board(source, board_id)
    body, total = _board(source, key, index.stamp(source.engine, key), sort, order, offset, limit)
    answer = Response(body, media_type="application/json")
    if offset + limit < total:
        query = urlencode({"sort": sort, "order": order, "offset": offset + limit, "limit": limit})
        answer.headers["link"] = f'</api/boards/{board_id}?{query}>; rel="next"'
    return answer


@lru_cache(maxsize=256)
def _board(
    source: Source, key: BoardKey, _stamp: str | None, sort: str, order: str, offset: int, limit: int
) -> tuple[str, int]:
    """Return the answer for a board and its number of rows; it is cached until the board's stamp changes."""
    rows, _ = read_ordered(source, key, sort, order, offset, limit)
    return models.BoardAnswer.model_validate(as_json(rows)).model_dump_json(), rows.total


@router.get("/boards/{board_id}/final", response_model=models.FinalAnswer)
def final(source: AppSource, board_id: Id) -> models.FinalAnswer:
    """Return the result of closing a board; 404 while it is open."""
    closed = find_final(source, find_board(source, board_id)[0])
    return models.FinalAnswer(
        closed=closed.closed,
        shake_up=shake_up(rank_changes(closed.public, closed.private)),
        board=models.BoardAnswer.model_validate(as_json(closed.private)),
        public_ranks={row.record: row.rank for row in closed.public.rows},
    )


@router.get("/boards/{board_id}/history", response_model=models.HistoryAnswer)
def history(source: AppSource, board_id: Id) -> models.HistoryAnswer:
    """Return the records that improved the board's best value, in order of time."""
    key, spec = find_board(source, board_id)
    past = read_history(source, key, spec)
    return models.HistoryAnswer(
        metric=spec.metric.name,
        goal=spec.metric.goal,
        provisional=past.provisional,
        advances=[
            models.BestValueChange(
                started=datetime.fromtimestamp(advance.time, UTC).isoformat(),
                value=advance.value,
                entry=advance.row.entry.name,
                team=advance.row.entry.team,
                record=advance.row.record,
            )
            for advance in past.advances
        ],
    )


@router.get("/boards/{board_id}/board.csv", response_class=Response)
def as_csv(source: AppSource, board_id: Id, offset: Offset = 0) -> Response:
    """Return the board as CSV, numbers unrounded: at most 10,000 rows, beginning at ``offset``."""
    rows = read_board(source, find_board(source, board_id)[0], offset, MOST_ROWS_IN_A_FILE)
    headers = {**_as_file(f"{rows.key.task}.csv"), **_next(rows, f"{board_id}/board.csv")}
    return Response(to_csv(rows), media_type="text/csv", headers=headers)


@router.get("/boards/{board_id}/board.md", response_class=Response)
def as_markdown(source: AppSource, board_id: Id, offset: Offset = 0) -> Response:
    """Return the board as a Markdown table: at most 10,000 rows, beginning at ``offset``."""
    rows = read_board(source, find_board(source, board_id)[0], offset, MOST_ROWS_IN_A_FILE)
    headers = _next(rows, f"{board_id}/board.md")
    return Response(to_markdown(rows), media_type="text/markdown", headers=headers)


@router.get("/records/{record_id}", response_model=Record)
def record(source: AppSource, record_id: Id) -> Record:
    """Return one record."""
    return read_record(source, record_id)


@router.get("/records/{record_id}/units", response_model=models.UnitsAnswer)
def units(source: AppSource, record_id: Id, offset: Offset = 0, limit: Limit = 50) -> object:
    """Return the statistics of each unit of the public split."""
    read_record(source, record_id)
    return unit_results(record_folder(source, record_id), offset, limit)


@router.get("/compare", response_model=models.ComparisonAnswer)
def comparison(source: AppSource, a: IdQuery, b: IdQuery) -> models.ComparisonAnswer:
    """Compare two records; 409 where they are on different boards."""
    first, second = read_record(source, a), read_record(source, b)
    differing = board_differences(first, second)
    if differing:
        raise HTTPException(409, f"records of different boards cannot be compared ({'; '.join(differing)})")
    _, spec = find_board(source, BoardKey.of(first).id)
    compared = compare(spec, first, second, record_folder(source, a), record_folder(source, b))
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
            for score in compared.scores
        ],
        time=_latency(compared.time),
        memory=compared.memory,
        notes=[*compared.notes, *compared.standing],
    )


def _latency(time: LatencyComparison | None) -> models.LatencyComparison | None:
    if time is None:
        return None
    ratio = time.ratio
    return models.LatencyComparison(
        ratio=ratio.value, low=ratio.low, high=ratio.high, verdict=time.verdict, words=time.words
    )


def _summary(listing: index.Listing) -> models.BoardSummary:
    key = listing.key
    return models.BoardSummary(
        id=key.id,
        task=key.task,
        task_version=key.version,
        title=plain(listing.title, 80),
        data=models.Data(name=key.data, variant=key.variant, sha256=key.sha256, open=listing.open_data),
        profile=key.profile,
        scenario=key.scenario,
        hardware=key.hardware,
        records=listing.records,
        rows=listing.rows,
        latest=listing.latest,
    )


def _next(board: Board, path: str) -> dict[str, str]:
    """Return the header that names the next part of a board's file, if there is one."""
    end = board.offset + len(board.rows)
    return {"link": f'</api/boards/{path}?offset={end}>; rel="next"'} if end < board.total else {}


def _as_file(name: str) -> dict[str, str]:
    safe = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "._-"))
    return {"content-disposition": f'attachment; filename="{safe}"'}
