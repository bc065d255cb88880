"""Kaggle's wire: the calls of the official client, answered from our competitions.

Each call is a POST of JSON to ``/api/v1/<Service>/<Method>``; see the shapes in ``kagglesdk``. A client
knows one board a name, so ``slug--profile`` names the board of another profile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from competitions.api.board_file import board_zip
from competitions.api.files import downloadable
from competitions.api.identity import by_given_token
from competitions.api.wire import Answer, Bytes, Call, Redirect, moment, next_page
from competitions.queue.submitting import allowance_of, may_submit, submit
from competitions.queue.uploads import announce
from competitions.rules.refusals import NotSignedIn
from competitions.standings.board import metric_name, rank_of
from competitions.standings.shown import board_now, digits_of
from competitions.store import hosted as store
from competitions.store import submissions, teams
from competitions.store.hosted import Files, Hosted
from competitions.store.standing import may_read_data
from competitions.store.submissions import Submission

_STATUS = {"scored": "COMPLETE", "failed": "ERROR", "cancelled": "ERROR"}


def introspect_token(call: Call) -> Answer:
    """Say whose token it is."""
    try:
        account = by_given_token(call.service, call.text("token"), call.address)
    except NotSignedIn:
        return {"active": False}
    return {"active": True, "username": account.name, "userId": account.id, "scope": ""}


def list_competitions(call: Call) -> Answer:
    """List the competitions, one a board."""
    offset, size = call.page()
    search, entered = call.text("search").casefold(), call.text("group").endswith("ENTERED")
    shown = []
    for hosted in store.listed(call.service.engine):
        if search and search not in f"{hosted.slug} {hosted.competition.title}".casefold():
            continue
        if entered and not (
            call.account and store.has_entered(call.service.engine, hosted.slug, call.account)
        ):
            continue
        shown += [(hosted, profile) for profile in hosted.competition.profiles]
    rows = [_competition(call, hosted, profile) for hosted, profile in shown[offset : offset + size]]
    return {"competitions": rows, "nextPageToken": next_page(offset, size, len(shown))}


def list_data_files(call: Call) -> Answer:
    """List the files that participants download."""
    hosted, _ = call.board()
    may_read_data(call.service.engine, hosted, call.person)
    offset, size = call.page()
    files = list(store.public_files(call.service.home, hosted.slug).items())
    rows = [
        {
            "ref": name,
            "name": name,
            "totalBytes": path.stat().st_size,
            "creationDate": moment(path.stat().st_mtime),
        }
        for name, path in files[offset : offset + size]
    ]
    return {"files": rows, "nextPageToken": next_page(offset, size, len(files))}


def download_data_file(call: Call) -> Answer:
    """Send the client to one file."""
    return _to_file(call, call.text("fileName"))


def download_data_files(call: Call) -> Answer:
    """Send the client to the archive of all files."""
    hosted, _ = call.board()
    return _to_file(call, Files.of(call.service.home, hosted.slug).archive.name)


def start_submission_upload(call: Call) -> Answer:
    """Announce an upload. What would be refused afterwards is refused before any byte is sent."""
    named, _ = call.board()
    hosted = may_submit(call.service.engine, named.slug, call.person)
    size = call.number("contentLength", 0)
    token = announce(call.service.engine, hosted, call.person, call.text("fileName"), size)
    return {"token": token, "createUrl": f"{call.base}/competitions/upload/{token}"}


def create_submission(call: Call) -> Answer:
    """Accept an upload as a submission."""
    hosted, profile = call.board()
    token, description = call.text("blobFileTokens"), call.text("submissionDescription")
    made = submit(call.service.intake, hosted.slug, profile, call.person, token, description)
    return {"message": f"Successfully submitted to {hosted.competition.title}", "ref": made.id}


def list_submissions(call: Call) -> Answer:
    """List the submissions of one's team."""
    hosted, profile = call.board()
    offset, size = call.page()
    engine = call.service.engine
    found = submissions.of_account(engine, hosted, call.person, offset, size + 1, profile)
    rows = [_submission(call, hosted, one) for one in found[:size]]
    return {"submissions": rows, "nextPageToken": str(offset + size) if len(found) > size else ""}


def get_submission(call: Call) -> Answer:
    """Return one submission of one's team."""
    found = submissions.find(call.service.engine, call.person, call.number("ref", 0))
    return _submission(call, store.find(call.service.engine, found.entered.competition), found)


def get_submission_limits(call: Call) -> Answer:
    """Say how many submissions one's team may make now."""
    hosted, _ = call.board()
    made = allowance_of(call.service.engine, hosted, call.person)
    return {
        "numToday": made.today,
        "numTotal": made.total,
        "numAllowedNow": made.left,
        "limitedByTotal": made.limited_by_total,
    }


def get_leaderboard(call: Call) -> Answer:
    """Return a part of a board: the public one, and the final one after the close."""
    hosted, profile = call.board()
    offset, size = call.page()
    board, digits = board_now(call.service.engine, hosted, profile), digits_of(hosted)
    rows = [
        {
            "teamId": row.team,
            "teamName": row.name,
            "submissionDate": moment(row.submitted),
            "score": f"{row.score:.{digits}f}",
        }
        for row in board.rows[offset : offset + size]
    ]
    return {"submissions": rows, "nextPageToken": next_page(offset, size, len(board.rows))}


def download_leaderboard(call: Call) -> Answer:
    """Return the whole board, packed."""
    hosted, profile = call.board()
    board = board_now(call.service.engine, hosted, profile)
    name = hosted.competition.board_slug(profile)
    return Bytes(board_zip(board, name, digits_of(hosted)), "application/zip")


def _to_file(call: Call, name: str) -> Redirect:
    hosted, _ = call.board()
    may_read_data(call.service.engine, hosted, call.person)
    downloadable(call.service, hosted.slug, name)
    return Redirect(call.service.link(hosted.slug, name, call.person))


def _competition(call: Call, hosted: Hosted, profile: str) -> dict[str, Any]:
    engine, competition = call.service.engine, hosted.competition
    team = teams.of_account(engine, hosted.slug, call.account) if call.account else None
    rank = rank_of(board_now(engine, hosted, profile), team.id) if team else None
    ref = competition.board_slug(profile)
    title = competition.title if len(competition.profiles) == 1 else f"{competition.title} ({profile})"
    rewards = [prize.reward or prize.title for prize in competition.awards.prizes]
    return {
        "ref": ref,
        "tags": [],
        "title": title,
        "url": f"{call.base}/competitions/{hosted.slug}",
        "category": "Community",
        "reward": ", ".join(rewards),
        "deadline": moment(competition.schedule.end),
        "mergerDeadline": moment(competition.schedule.merge_until),
        "enabledDate": moment(competition.schedule.start),
        "teamCount": store.team_count(engine, hosted.slug),
        "userHasEntered": team is not None,
        "userRank": rank or 0,
        "maxDailySubmissions": competition.limits.daily,
        "maxTeamSize": competition.limits.team_size,
        "evaluationMetric": metric_name(hosted),
        "submissionsDisabled": hosted.closed is not None,
    }


def _submission(call: Call, hosted: Hosted, one: Submission) -> dict[str, Any]:
    digits = digits_of(hosted)
    return {
        "ref": one.id,
        "date": moment(one.times.created),
        "description": one.description,
        "errorDescription": one.progress.message,
        "fileName": one.handed.name,
        "totalBytes": one.handed.bytes,
        "publicScore": "" if one.public is None else f"{one.public:.{digits}f}",
        "privateScore": "" if one.private is None else f"{one.private:.{digits}f}",
        "status": _STATUS.get(one.progress.state, "PENDING"),
        "url": f"{call.base}/competitions/{hosted.slug}/submissions/{one.id}",
    }


_COMPETITIONS = "competitions.CompetitionApiService"
CALLS: Mapping[str, Callable[[Call], Answer]] = {
    "security.OAuthService/IntrospectToken": introspect_token,
    f"{_COMPETITIONS}/ListCompetitions": list_competitions,
    f"{_COMPETITIONS}/ListDataFiles": list_data_files,
    f"{_COMPETITIONS}/DownloadDataFile": download_data_file,
    f"{_COMPETITIONS}/DownloadDataFiles": download_data_files,
    f"{_COMPETITIONS}/StartSubmissionUpload": start_submission_upload,
    f"{_COMPETITIONS}/CreateSubmission": create_submission,
    f"{_COMPETITIONS}/ListSubmissions": list_submissions,
    f"{_COMPETITIONS}/GetSubmission": get_submission,
    f"{_COMPETITIONS}/GetSubmissionLimits": get_submission_limits,
    f"{_COMPETITIONS}/GetLeaderboard": get_leaderboard,
    f"{_COMPETITIONS}/DownloadLeaderboard": download_leaderboard,
}
HANDING_IN = frozenset({start_submission_upload, create_submission})
"""Calls that take a part of a submission in."""
