"""Pages that everybody may see: the list, overview, data, rules and boards."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from markupsafe import Markup
from starlette.responses import Response

from competitions.pages.frame import frame_of, participant, phase_text
from competitions.pages.rendering import render
from competitions.pages.visits import HOME, Visit, go
from competitions.rules.refusals import Refused
from competitions.standings.board import BoardRow, metric_name, recent_board
from competitions.standings.closed import final_board
from competitions.standings.final import FinalRow
from competitions.standings.shown import digits_of
from competitions.store import hosted as store
from competitions.store.standing import may_read_data
from leaderboards.web.rendering import paging

_ROWS = 100
_KEPT_LINES = 20_000
_MOST_PAGES = 10**6


def listing(visit: Visit) -> Response:
    """List the competitions."""
    engine, account = visit.service.engine, visit.account
    now = store.now(engine)
    cards = [
        (
            hosted,
            phase_text(hosted, now),
            store.team_count(engine, hosted.slug),
            account is not None and store.has_entered(engine, hosted.slug, account),
        )
        for hosted in store.listed(engine)
    ]
    return visit.page("competitions/list.html", cards=cards)


def overview(visit: Visit) -> Response:
    """Show what is asked, the dates, limits and prizes."""
    frame = frame_of(visit)
    text = store.page(visit.service.home, frame.hosted.slug, "overview")
    return visit.page(
        "competitions/overview.html", frame=frame, text=text, metric=metric_name(frame.hosted), tab="overview"
    )


def data(visit: Visit) -> Response:
    """Show what the data are; who may have them finds links to the files."""
    frame, service, account = frame_of(visit), visit.service, visit.account
    slug, files, reason = frame.hosted.slug, [], ""
    if account is not None:
        try:
            may_read_data(service.engine, frame.hosted, account)
            paths = store.public_files(service.home, slug)
            archive = store.Files.of(service.home, slug).archive
            every = {archive.name: archive} | paths if archive.is_file() else paths
            files = [
                (name, path.stat().st_size, quote(service.link(slug, name, account)))
                for name, path in every.items()
            ]
        except Refused as error:
            reason = str(error)
    text = store.page(service.home, slug, "data")
    return visit.page(
        "competitions/data.html", frame=frame, text=text, files=files, reason=reason, tab="data"
    )


def rules(visit: Visit) -> Response:
    """Show the rules, and the form that accepts them."""
    frame = frame_of(visit)
    text = store.page(visit.service.home, frame.hosted.slug, "rules")
    return visit.page("competitions/rules.html", frame=frame, text=text, tab="rules")


def accept(visit: Visit) -> Response:
    """Accept the rules as they were shown."""
    frame, account = participant(visit)
    if visit.form.get("rules") != frame.hosted.rules_sha256:
        raise Refused("The rules were changed meanwhile. Read them again, and accept them then.")
    store.accept_rules(visit.service.engine, frame.hosted.slug, account)
    return go(f"{HOME}/{frame.hosted.slug}/submit")


def board(visit: Visit) -> Response:
    """Show a board: the public one, and the final one after the close."""
    frame, engine = frame_of(visit), visit.service.engine
    hosted, profile = frame.hosted, store.profile_of(frame.hosted, visit.asked("profile"))
    final = None if visit.asked("public") else final_board(engine, hosted, profile)
    shown = recent_board(engine, hosted, profile)
    rows = final.rows if final else shown.rows
    asked = visit.asked("page")
    page = min(max(int(asked), 1), _MOST_PAGES) if asked.isdecimal() and len(asked) < 9 else 1
    return visit.page(
        "competitions/board.html",
        frame=frame,
        profile=profile,
        final=final,
        rows=rows[(page - 1) * _ROWS : page * _ROWS],
        line=_line,
        paging=paging(page, _ROWS, len(rows)),
        asked={"profile": profile} | ({"public": "1"} if visit.asked("public") else {}),
        metric=metric_name(hosted),
        goal=shown.goal,
        hardware=hosted.hardware(profile),
        digits=digits_of(hosted),
        tab="board",
    )


@lru_cache(_KEPT_LINES)
def _line(row: BoardRow | FinalRow, digits: int, mine: bool) -> Markup:
    """Render a line of a board, and keep it while the row stays as it is."""
    final = isinstance(row, FinalRow)
    return Markup(render("competitions/board_row.html", row=row, digits=digits, mine=mine, final=final))
