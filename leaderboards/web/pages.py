"""The pages. Each reads what it shows from the index and the record folders, and renders one template."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from harness.record.units import VALUE
from leaderboards.boards.profile_table import profile_table
from leaderboards.boards.rank_changes import rank_changes, shake_up
from leaderboards.boards.spec import BoardKey
from leaderboards.store import index
from leaderboards.web.api import AppSource, Id, MaybeId, Page, Word
from leaderboards.web.board_page import BOARDS_A_PAGE, BoardQuery, board_page, card
from leaderboards.web.charts.steps import step_plot
from leaderboards.web.comparison import board_differences, compare
from leaderboards.web.entry_page import UnitQuery, entry_page
from leaderboards.web.folder import PICTURES
from leaderboards.web.history import events, read_history
from leaderboards.web.kept_comparison import in_words, read_kept
from leaderboards.web.ordering import RANK
from leaderboards.web.rendering import paging, render
from leaderboards.web.source import (
    Source,
    find_board,
    find_final,
    opponents,
    picture_path,
    read_record,
    record_folder,
)
from leaderboards.web.standalone import standalone
from leaderboards.web.task_page import task_list, task_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


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
    known = source.tasks.names if source.tasks else ()
    return _page("home.html", tasks=tasks, known=known, paging=pages, asked={})


@router.get("/boards/{board_id}")
def board(
    source: AppSource, board_id: Id, sort: Word = RANK, order: Word = "", page: Page = 1, x: Word = ""
) -> HTMLResponse:
    """Show one board: its task, prizes, scatter and table."""
    key, _ = find_board(source, board_id)
    return HTMLResponse(board_page(source, key, BoardQuery(sort, order, page, x)))


@router.get("/boards/{board_id}/board.html")
def board_file(source: AppSource, board_id: Id) -> Response:
    """Send the page of a board as one file that needs no server."""
    key, _ = find_board(source, board_id)
    return _file(source, board_page(source, key, BoardQuery()), f"{key.task}-{key.profile}")


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
def record(
    source: AppSource,
    record_id: Id,
    units: Page = 1,
    by: Word = VALUE,
    order: Word = "",
    beside: MaybeId = "",
) -> HTMLResponse:
    """Show one entry with its whole record and its units."""
    return HTMLResponse(entry_page(source, record_id, UnitQuery(units, by, order, beside)))


@router.get("/records/{record_id}/record.html")
def record_file(source: AppSource, record_id: Id) -> Response:
    """Send the page of an entry as one file that needs no server."""
    return _file(source, entry_page(source, record_id, UnitQuery()), record_id)


@router.get("/records/{record_id}/images/{name}")
def picture(source: AppSource, record_id: Id, name: Annotated[str, InPath(max_length=200)]) -> Response:
    """Send one example picture of a record."""
    path = picture_path(source, record_id, name)
    return FileResponse(path, media_type=PICTURES[path.suffix.lower()])


@router.get("/tasks")
def tasks(source: AppSource) -> HTMLResponse:
    """List the tasks that are known here."""
    return HTMLResponse(task_list(source))


@router.get("/tasks/{name}")
def task(source: AppSource, name: Annotated[str, InPath(max_length=64)]) -> HTMLResponse:
    """Show one task."""
    return HTMLResponse(task_page(source, name))


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


@router.get("/comparisons/{name}")
def kept_comparison(source: AppSource, name: Id) -> HTMLResponse:
    """Show a comparison of two submissions that 'compare' kept."""
    kept = read_kept(source, name)
    return _page("comparison.html", kept=kept, **in_words(kept))


def _choose(source: Source, chosen: str) -> HTMLResponse:
    """Ask for the missing entries: one of the chosen entry's board, or first a board."""
    if not chosen:
        return _page("choose.html", record=None, key=None, opponents=(), boards=index.listings(source.engine))
    known = read_record(source, chosen)
    key = BoardKey.of(known)
    return _page("choose.html", record=known, key=key, opponents=opponents(source, key, chosen), boards=())


@router.get("/api")
def api(request: Request) -> HTMLResponse:
    """List the addresses of the JSON API, from its own schema."""
    return _page("api.html", schema=request.app.openapi())


def _page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(render(template, **values), status)


def _file(source: Source, page: str, name: str) -> Response:
    """Return a page as a file to save."""
    safe = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "._-"))
    headers = {"content-disposition": f'attachment; filename="photofinish-{safe}.html"'}
    return HTMLResponse(standalone(source, page), headers=headers)
