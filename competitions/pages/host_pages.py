"""The host's page: the queue and its failures, teams, the end and the close."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from competitions.hosting import closing, managing
from competitions.pages.frame import Frame, participant
from competitions.pages.visits import Visit, go
from competitions.rules.refusals import Forbidden, Refused
from competitions.standings.shown import digits_of
from competitions.store.people import Account
from competitions.store.submissions import of_competition

_SUBMISSIONS, _EVENTS = 50, 50


def host(visit: Visit) -> Response:
    """Show the competition to its host."""
    frame, _ = hosting(visit)
    engine, slug = visit.service.engine, frame.hosted.slug
    teams = managing.teams(engine, slug)
    return visit.page(
        "competitions/host.html",
        frame=frame,
        counts=managing.queue_counts(engine, slug),
        running=managing.running(engine, slug),
        rows=of_competition(engine, slug, 0, _SUBMISSIONS),
        teams=teams,
        names={number: name for number, name, _ in teams},
        events=managing.recent_events(engine, slug, _EVENTS),
        digits=digits_of(frame.hosted),
        tab="host",
    )


def disqualify(visit: Visit) -> Response:
    """Take a team off the boards for a reason, or put it back."""
    frame, account = hosting(visit)
    team, reason = visit.form.get("team", ""), visit.form.get("reason", "").strip()
    if not (team.isdecimal() and len(team) < 16):
        raise Refused("Choose a team.")
    if not reason and visit.form.get("reinstate") != "yes":
        raise Refused("Give a reason: the team is told it.")
    managing.disqualify(visit.service.engine, frame.hosted.slug, account, int(team), reason)
    return go(f"{frame.path}/host")


def extend(visit: Visit) -> Response:
    """Move the end to a later time, given in UTC."""
    frame, account = hosting(visit)
    try:
        end = datetime.fromisoformat(visit.form.get("end", "")).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        raise Refused("Give the new end as a date and a time.") from None
    managing.extend(visit.service.engine, frame.hosted.slug, account, end)
    return go(f"{frame.path}/host")


def close(visit: Visit) -> Response:
    """Score the private rows and close the competition."""
    frame, account = hosting(visit)
    if visit.form.get("sure") != "yes":
        raise Refused("Tick the box: a competition that was closed cannot be opened again.")
    closing.close(visit.service.engine, visit.service.home, frame.hosted.slug, account)
    return go(f"{frame.path}/board")


def hosting(visit: Visit) -> tuple[Frame, Account]:
    """Return the competition for its host. Raises Forbidden for everybody else."""
    frame, account = participant(visit)
    if not frame.hosts:
        raise Forbidden(f"Only a host of {frame.hosted.slug} may see this page.")
    return frame, account
