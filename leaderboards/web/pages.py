"""The pages. Each reads what it shows from the index and the record folders, and renders one template."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from leaderboards.boards.profile_table import profile_table
from leaderboards.boards.rank_changes import rank_changes, shake_up
from leaderboards.boards.spec import BoardKey
from leaderboards.store import index
from leaderboards.web import folder
from leaderboards.web.api import AppSource, Id, Word
from leaderboards.web.board_page import BOARDS_A_PAGE, BoardQuery, board_page, card
from leaderboards.web.charts.latency import latency_plot
from leaderboards.web.charts.memory import memory_plot
from leaderboards.web.charts.steps import step_plot
from leaderboards.web.comparison import board_differences, compare
from leaderboards.web.history import events, read_history
from leaderboards.web.ordering import RANK
from leaderboards.web.rendering import paging, render
from leaderboards.web.source import (
    Missing,
    Source,
    find_board,
    find_final,
    read_board,
    read_rank,
    read_record,
    record_folder,
)

OPPONENTS = 200
UNITS_A_PAGE = 15

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Page = Annotated[int, Query(ge=1, le=10**7)]
MaybeId = Annotated[str, Query(pattern="^([0-9a-f]{16})?$")]


@router.get("/")
def home(source: AppSource, page: Page = 1) -> HTMLResponse:
    """List all boards, by task."""
    listings = index.listings(source.engine)
    shown = listings[(page - 1) * BOARDS_A_PAGE : page * BOARDS_A_PAGE]
    tasks = [
        (name, [(listing, *card(source, listing.key)) for listing in group])
        for name, group in groupby(shown, key=lambda listing: listing.key.task)
    ]
    pages = paging(page, BOARDS_A_PAGE, len(listings))
    return _page("home.html", tasks=tasks, paging=pages, asked={})


@router.get("/boards/{board_id}")
def board(
    source: AppSource, board_id: Id, sort: Word = RANK, order: Word = "", page: Page = 1, x: Word = ""
) -> HTMLResponse:
    """Show one board: its task, prizes, scatter and table."""
    key, _ = find_board(source, board_id)
    return HTMLResponse(board_page(source, key, BoardQuery(sort, order, page, x)))


@router.get("/boards/{board_id}/table")
def table(source: AppSource, board_id: Id) -> HTMLResponse:
    """Show models as rows, profiles and runtimes as columns: speed and score of each."""
    key, _ = find_board(source, board_id)
    boards = index.all_profiles(source.engine, key)
    return _page("table.html", table=profile_table(boards, key), key=key)


@router.get("/boards/{board_id}/final")
def final(source: AppSource, board_id: Id) -> HTMLResponse:
    """Show the result of closing a board: the private ranks, and how they differ from the public ones."""
    key, spec = find_board(source, board_id)
    closed = find_final(source, key)
    changes = rank_changes(closed.public, closed.private)
    return _page("final.html", spec=spec, key=key, final=closed, changes=changes, shake_up=shake_up(changes))


@router.get("/boards/{board_id}/history")
def history(source: AppSource, board_id: Id) -> HTMLResponse:
    """Show how a board's best value changed."""
    key, spec = find_board(source, board_id)
    past = read_history(source, key, spec)
    picture = step_plot(events(past, spec), spec.metric)
    return _page("history.html", spec=spec, key=key, history=past, picture=picture)


@router.get("/records/{record_id}")
def record(source: AppSource, record_id: Id, units: Page = 1) -> HTMLResponse:
    """Show one entry with its whole record."""
    shown, where = read_record(source, record_id), record_folder(source, record_id)
    rank = read_rank(source, shown)
    key, spec = find_board(source, rank.board) if rank else (BoardKey.of(shown), None)
    results = folder.units(where, (units - 1) * UNITS_A_PAGE, UNITS_A_PAGE)
    return _page(
        "record.html",
        record=shown,
        key=key,
        spec=spec,
        rank=rank,
        latency=latency_plot(*folder.latencies(where), shown.metrics),
        memory=memory_plot(folder.memory(where)),
        units=results,
        paging=paging(units, UNITS_A_PAGE, results.total if results else 0),
        examples=folder.examples(where),
        opponents=_opponents(source, key, shown.id) if rank and shown.status == "ok" else (),
        asked={},
    )


@router.get("/records/{record_id}/images/{name}")
def picture(source: AppSource, record_id: Id, name: Annotated[str, InPath(max_length=200)]) -> Response:
    """Send one example picture of a record."""
    where = record_folder(source, record_id)
    if name not in folder.pictures(where):
        raise Missing("this record has no such picture")
    path = where / "images" / name
    return FileResponse(path, media_type=folder.PICTURES[path.suffix.lower()])


@router.get("/compare")
def comparison(
    source: AppSource,
    a: MaybeId = "",
    b: MaybeId = "",
    entry: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> Response:
    """Compare two entries; the tick boxes of a board send ``entry`` twice."""
    if entry:
        pair = zip("ab", entry, strict=False)
        return RedirectResponse("/compare?" + "&".join(f"{name}={id_[:16]}" for name, id_ in pair), 303)
    if not a or not b:
        return _choose(source, a or b)
    first, second = read_record(source, a), read_record(source, b)
    key = BoardKey.of(first)
    differing = board_differences(first, second)
    spec = None if differing else find_board(source, key.id)[1]
    compared = spec and compare(spec, first, second, record_folder(source, a), record_folder(source, b))
    values = {"key": key, "spec": spec, "a": first, "b": second}
    status = 409 if differing else 200
    return _page("compare.html", status=status, differing=differing, comparison=compared, **values)


def _choose(source: Source, chosen: str) -> HTMLResponse:
    """Ask for the missing entries: one of the chosen entry's board, or first a board."""
    if not chosen:
        return _page("choose.html", record=None, key=None, opponents=(), boards=index.listings(source.engine))
    known = read_record(source, chosen)
    key = BoardKey.of(known)
    return _page("choose.html", record=known, key=key, opponents=_opponents(source, key, chosen), boards=())


@router.get("/api")
def api(request: Request) -> HTMLResponse:
    """List the addresses of the JSON API, from its own schema."""
    return _page("api.html", schema=request.app.openapi())


def _page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(render(template, **values), status)


def _opponents(source: Source, key: BoardKey, record_id: str) -> list[tuple[str, str]]:
    """List the first entries of the board that a record may be compared with, as record and name."""
    rows = read_board(source, key, 0, OPPONENTS).rows
    return [
        (row.record, f"{row.rank_label}  {row.entry.name}")
        for row in rows
        if row.record != record_id and row.rank is not None
    ]
