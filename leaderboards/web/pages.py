"""The pages. Each takes what it shows from the index and the records' folders, and renders one template."""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from harness.record import Record
from leaderboards.boards.board import Board
from leaderboards.boards.profile_table import profile_table
from leaderboards.boards.rank_changes import rank_changes, shake_up
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index
from leaderboards.store.publishing import read_final
from leaderboards.web import folder
from leaderboards.web.api import Here, Id, Word
from leaderboards.web.charts.intervals import bars
from leaderboards.web.charts.latency import Histogram, histogram
from leaderboards.web.charts.memory import timeline
from leaderboards.web.charts.scatter import axes_of, scatter
from leaderboards.web.charts.steps import Event, Steps, steps
from leaderboards.web.comparison import apart, compare
from leaderboards.web.history import History, read_history
from leaderboards.web.ordering import RANK, SORTABLE, Order, read_ordered
from leaderboards.web.rendering import render
from leaderboards.web.source import (
    Missing,
    Source,
    find_board,
    find_final,
    plotted_rows,
    read_board,
    read_record,
    read_standing,
    record_folder,
)

BOARDS_A_PAGE = 60
STRIP = 40
OPPONENTS = 200
UNITS_A_PAGE = 15

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
Page = Annotated[int, Query(ge=1, le=10**7)]
MaybeId = Annotated[str, Query(pattern="^([0-9a-f]{16})?$")]


@router.get("/")
def home(here: Here, page: Page = 1) -> HTMLResponse:
    """All boards, by task."""
    found = index.listings(here.engine)
    shown = found[(page - 1) * BOARDS_A_PAGE : page * BOARDS_A_PAGE]
    tasks = [
        (
            name,
            [(listing, *_top(here, listing.key, index.stamp(here.engine, listing.key))) for listing in group],
        )
        for name, group in groupby(shown, key=lambda listing: listing.key.task)
    ]
    return _page("home.html", tasks=tasks, paging=_paging(page, BOARDS_A_PAGE, len(found)), asked={})


@router.get("/boards/{board_id}")
def board(
    here: Here, board_id: Id, sort: Word = RANK, order: Word = "", page: Page = 1, x: Word = ""
) -> HTMLResponse:
    """One board: its table, prizes and scatter."""
    key, _ = find_board(here, board_id)
    stamp, closed = index.stamp(here.engine, key), read_final(here.home, key) is not None
    return HTMLResponse(_board(here, key, stamp, closed, sort, order, page, x))


@router.get("/boards/{board_id}/table")
def table(here: Here, board_id: Id) -> HTMLResponse:
    """Models down, profiles and runtimes across: speed and score of each."""
    key, _ = find_board(here, board_id)
    found = profile_table(index.all_profiles(here.engine, key), key)
    return _page("table.html", table=found, key=key)


@lru_cache(maxsize=256)
def _board(
    source: Source,
    key: BoardKey,
    _stamp: str | None,
    closed: bool,
    sort: str,
    order: str,
    page: int,
    x: str,
) -> str:
    """The page of a board, kept until its stamp changes."""
    offset = (page - 1) * index.PAGE
    found, by = read_ordered(source, key, sort, order, offset, index.PAGE)
    if offset and offset >= found.total:
        raise Missing(f"this board has {found.total:,} rows and no page {page}")
    choices = axes_of(found.spec)
    across = next((column for column in choices if column.name == x), choices[0] if choices else None)
    asked = {"sort": sort if by.by == sort and by != Order() else "", "order": order, "x": x}
    return render(
        "board.html",
        board=found,
        closed=closed,
        order=by,
        sortable=found.total <= SORTABLE,
        bars=bars(found.rows, found.spec.metric),
        picture=across and scatter(plotted_rows(source, key), found.spec, across),
        choices=choices,
        boards=index.listings(source.engine, key.task),
        paging=_paging(page, index.PAGE, found.total),
        asked={name: value for name, value in asked.items() if value},
    )


@router.get("/boards/{board_id}/final")
def final(here: Here, board_id: Id) -> HTMLResponse:
    """How a board was closed: the private ranks, and whom they moved."""
    key, spec = find_board(here, board_id)
    found = find_final(here, key)
    changes = rank_changes(found.public, found.private)
    return _page("final.html", spec=spec, key=key, final=found, changes=changes, shake_up=shake_up(changes))


@router.get("/boards/{board_id}/history")
def history(here: Here, board_id: Id) -> HTMLResponse:
    """How a board's best value moved."""
    key, spec = find_board(here, board_id)
    found = read_history(here, key, spec)
    return _page("history.html", spec=spec, key=key, history=found, picture=_steps(found, spec))


@router.get("/records/{record_id}")
def record(here: Here, record_id: Id, units: Page = 1) -> HTMLResponse:
    """One entry, with all that its record says."""
    found, where = read_record(here, record_id), record_folder(here, record_id)
    standing = read_standing(here, found)
    key, spec = find_board(here, standing.board) if standing else (BoardKey.of(found), None)
    samples = folder.memory(where)
    shown = folder.units(where, (units - 1) * UNITS_A_PAGE, UNITS_A_PAGE)
    return _page(
        "record.html",
        record=found,
        key=key,
        spec=spec,
        standing=standing,
        latency=_histogram(found, where),
        memory=timeline(samples) if len(samples) > 1 else None,
        units=shown,
        paging=_paging(units, UNITS_A_PAGE, shown.total if shown else 0),
        pictures=folder.pictures(where),
        opponents=_opponents(here, key, found.id) if standing and found.status == "ok" else (),
        asked={},
    )


@router.get("/records/{record_id}/images/{name}")
def picture(here: Here, record_id: Id, name: Annotated[str, InPath(max_length=200)]) -> Response:
    """One example picture of a record."""
    where = record_folder(here, record_id)
    if name not in folder.pictures(where):
        raise Missing("this record has no such picture")
    path = where / "images" / name
    return FileResponse(path, media_type=folder.PICTURES[path.suffix.lower()])


@router.get("/compare")
def comparison(
    here: Here,
    a: MaybeId = "",
    b: MaybeId = "",
    entry: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> Response:
    """Two entries against each other; ``entry`` twice is what the board's tick boxes send."""
    if entry:
        both = dict(zip("ab", entry, strict=False))
        return RedirectResponse(
            "/compare?" + "&".join(f"{side}={id_[:16]}" for side, id_ in both.items()), 303
        )
    if not a or not b:
        return _choose(here, a or b)
    first, second = read_record(here, a), read_record(here, b)
    key = BoardKey.of(first)
    differing = apart(first, second)
    spec = None if differing else find_board(here, key.id)[1]
    found = spec and compare(spec, first, second, record_folder(here, a), record_folder(here, b))
    values = {"key": key, "spec": spec, "a": first, "b": second, "differing": differing, "comparison": found}
    return _page("compare.html", status=409 if differing else 200, **values)


def _choose(here: Source, chosen: str) -> HTMLResponse:
    """Ask for the entries that are missing: of one board if one entry is known, else for a board."""
    if not chosen:
        return _page("choose.html", record=None, key=None, opponents=(), boards=index.listings(here.engine))
    known = read_record(here, chosen)
    key = BoardKey.of(known)
    return _page("choose.html", record=known, key=key, opponents=_opponents(here, key, chosen), boards=())


@router.get("/api")
def api(request: Request) -> HTMLResponse:
    """What the JSON API offers, read from its own schema."""
    return _page("api.html", schema=request.app.openapi())


def _page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(render(template, **values), status)


def _paging(page: int, size: int, total: int) -> dict[str, int]:
    return {"page": page, "last": max(-(-total // size), 1), "size": size, "total": total}


@lru_cache(maxsize=256)
def _top(here: Source, key: BoardKey, _stamp: str | None) -> tuple[Board, Row | None]:
    """The first rows of a board, and who leads it: a valid entry where there is one."""
    board = read_board(here, key, 0, STRIP)
    ranked = [row for row in board.rows if row.rank is not None]
    return board, next((row for row in ranked if not row.provisional), ranked[0] if ranked else None)


def _opponents(here: Source, key: BoardKey, record_id: str) -> list[tuple[str, str]]:
    """Whom a record may be compared with: (record, name) of the first rows of its board."""
    rows = read_board(here, key, 0, OPPONENTS).rows
    return [
        (row.record, f"{row.rank_label}  {row.entry.name}")
        for row in rows
        if row.record != record_id and row.rank is not None
    ]


def _histogram(record: Record, where: Path) -> Histogram | None:
    mine, theirs = folder.latencies(where)
    if not len(mine):
        return None
    bounds = {name: record.metrics.get(f"latency_{name}_ms") for name in ("p50", "p90", "p99")}
    marks = {name: bound.value for name, bound in bounds.items() if bound and bound.value is not None}
    return histogram(mine, theirs, marks)


def _steps(history: History, spec: BoardSpec) -> Steps | None:
    if not history.advances:
        return None
    first = history.advances[0].time
    marked = [(one, True) for one in history.advances]
    marked += [(one, False) for one in history.others if one.time >= first]
    marked.sort(key=lambda pair: pair[0].time)
    events = []
    for one, best in marked:
        label = f"{one.row.entry.name}: {spec.metric.shown(one.value)}"
        events.append(Event(one.time, one.value, one.row.record, label, best))
    return steps(events, spec.metric)
