"""Pages of those who take part: hand in a file, and see what came of it."""

from __future__ import annotations

from starlette.responses import Response

from competitions.evaluation.reports import read_report
from competitions.pages.frame import Frame, participant
from competitions.pages.visits import Visit, go
from competitions.queue import submitting
from competitions.rules.refusals import NotFound
from competitions.standings.shown import digits_of
from competitions.store import finals, submissions
from competitions.store.people import Account
from competitions.store.submissions import Submission
from leaderboards.web.rendering import paging

_ROWS = 50


def submit(visit: Visit) -> Response:
    """Show the form that hands in a file. Its bytes go to the JSON API, by the script of the page."""
    frame, account = participant(visit)
    engine, hosted = visit.service.engine, frame.hosted
    return visit.page(
        "competitions/submit.html",
        frame=frame,
        allowance=submitting.allowance_of(engine, hosted, account),
        latest=submissions.of_account(engine, hosted, account, 0, 3),
        digits=digits_of(hosted),
        host=visit.request.headers.get("host", ""),
        tab="submit",
    )


def mine(visit: Visit) -> Response:
    """List the submissions of one's team, the newest first."""
    frame, account = participant(visit)
    asked = visit.asked("page")
    page = max(int(asked), 1) if asked.isdecimal() and len(asked) < 7 else 1
    found = submissions.of_account(visit.service.engine, frame.hosted, account, (page - 1) * _ROWS, _ROWS + 1)
    total = (page - 1) * _ROWS + len(found)
    return visit.page(
        "competitions/submissions.html",
        frame=frame,
        rows=found[:_ROWS],
        paging=paging(page, _ROWS, total),
        digits=digits_of(frame.hosted),
        tab="submissions",
    )


def one(visit: Visit) -> Response:
    """Show one submission with the report of its rehearsal."""
    frame, account = participant(visit)
    found = _own(visit, frame, account)
    report = read_report(visit.service.engine, visit.service.home, account, found.id)
    return visit.page(
        "competitions/submission.html",
        frame=frame,
        one=found,
        report=report,
        digits=digits_of(frame.hosted),
        tab="submissions",
    )


def select(visit: Visit) -> Response:
    """Select a submission as final, or take that back."""
    frame, account = participant(visit)
    found = _own(visit, frame, account)
    finals.select_final(visit.service.engine, account, found.id, selected=visit.form.get("selected") == "yes")
    return go(f"{frame.path}/submissions")


def cancel(visit: Visit) -> Response:
    """Cancel a submission that waits or runs."""
    frame, account = participant(visit)
    submitting.cancel(visit.service.engine, account, _own(visit, frame, account).id)
    return go(f"{frame.path}/submissions")


def resubmit(visit: Visit) -> Response:
    """Hand in the same file once more."""
    frame, account = participant(visit)
    submitting.resubmit(visit.service.intake, account, _own(visit, frame, account).id)
    return go(f"{frame.path}/submissions")


def _own(visit: Visit, frame: Frame, account: Account) -> Submission:
    """Return the submission of an address. Raises NotFound where it is another team's or competition's."""
    found = submissions.find(visit.service.engine, account, visit.number)
    if found.entered.competition != frame.hosted.slug:
        raise NotFound(f"you have no submission {visit.number}")
    return found
