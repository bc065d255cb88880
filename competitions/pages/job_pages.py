"""The host's page of one submission: what runs, how far it is, and the log of each attempt."""

from __future__ import annotations

from starlette.responses import Response

from competitions.evaluation.attempts import Attempt, attempts_at
from competitions.pages.host_pages import hosting
from competitions.pages.visits import Visit
from competitions.rules.refusals import NotFound
from competitions.store.database import reading
from competitions.store.submissions import get
from harness.session.live_log import MOST_BYTES, tail_of

_SHOWN_BYTES = 20_000
_LAST_LINES = 20
_MACHINE = b"--- machine "


def job(visit: Visit) -> Response:
    """Show a submission of the competition to its host, the newest attempt first."""
    frame, _ = hosting(visit)
    number, service = int(visit.request.path_params["number"]), visit.service
    with reading(service.engine) as connection:
        one = get(connection, number)
    if one.entered.competition != frame.hosted.slug:
        raise NotFound(f"{frame.hosted.slug} has no submission {number}")
    attempts = attempts_at(service.engine, service.home, frame.hosted.slug, number)[::-1]
    return visit.page(
        "competitions/job.html",
        frame=frame,
        one=one,
        attempts=attempts,
        logs={attempt.number: _end_of(attempt) for attempt in attempts},
        machines={attempt.number: _machine_of(attempt) for attempt in attempts},
        most=MOST_BYTES,
        tab="host",
    )


def _end_of(attempt: Attempt) -> str:
    """Return the end of an attempt's log in whole lines; while it runs, the last lines alone."""
    tail = tail_of(attempt.log, _SHOWN_BYTES)
    shown = tail.data
    if not attempt.outcome:
        shown = b"".join(shown.splitlines(keepends=True)[-_LAST_LINES:])
    elif tail.size > len(shown):
        shown = shown.partition(b"\n")[2] or shown
    left_out = tail.size - len(shown)
    before = f"--- {left_out:,} bytes before are not shown\n" if left_out else ""
    return before + shown.decode("utf-8", "replace")


def _machine_of(attempt: Attempt) -> str:
    """Return the machine of a cluster that evaluates, as the second line of the log says; else nothing."""
    try:
        with attempt.log.open("rb") as log:
            line = log.read(_SHOWN_BYTES).split(b"\n", 2)[1:2]
    except OSError:
        return ""
    said = line[0] if line else b""
    return said.removeprefix(b"--- ").decode("utf-8", "replace") if said.startswith(_MACHINE) else ""
