"""The JSON API: everything that the pages and the command line do, described by OpenAPI."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response

from competitions.api import host_api, models, team_api
from competitions.api.identity import address, service_of, signed_in
from competitions.api.replies import refused
from competitions.api.service import Service
from competitions.evaluation.reports import read_report
from competitions.hosting.trail import trail_key
from competitions.queue import submitting, uploads
from competitions.rules.refusals import Refused
from competitions.standings.board import Board, metric_name
from competitions.standings.shown import board_now
from competitions.store import finals, people, submissions
from competitions.store import hosted as store
from competitions.store.standing import may_read_data

Offset = Annotated[int, Query(ge=0, le=10**9)]
Limit = Annotated[int, Query(ge=1, le=1000)]
_KEPT_BOARDS = 64
Number = Annotated[int, Path(ge=0, lt=2**53)]


def create_api(service: Service) -> FastAPI:
    """Make the application, mounted at ``/api/competitions``."""
    api = FastAPI(
        title="Photofinish competitions",
        version="1",
        description="Send 'Authorization: Bearer TOKEN'. Refusals are {code, message}.",
        docs_url=None,  # FastAPI's own pages load scripts from elsewhere
        redoc_url=None,
    )
    api.state.service = service
    api.add_exception_handler(Refused, refused)
    api.add_exception_handler(RequestValidationError, _unusable)
    api.post("/accounts")(sign_up)
    api.get("/")(competitions)
    api.get("/{slug}")(competition)
    api.get("/{slug}/board", response_model=models.BoardAnswer)(board)
    api.get("/{slug}/files")(files)
    api.post("/{slug}/acceptance")(accept_rules)
    api.get("/{slug}/allowance")(allowance)
    api.post("/{slug}/uploads")(announce)
    api.get("/{slug}/submissions")(my_submissions)
    api.post("/{slug}/submissions")(submit)
    api.get("/{slug}/submissions/{number}")(submission)
    api.get("/{slug}/submissions/{number}/report")(report)
    api.post("/{slug}/submissions/{number}/cancel")(cancel)
    api.post("/{slug}/submissions/{number}/resubmit")(resubmit)
    api.post("/{slug}/submissions/{number}/final")(select_final)
    api.include_router(team_api.router)
    api.include_router(host_api.router)
    return api


def sign_up(request: Request, new: models.NewAccount) -> models.NewToken:
    """Make an account; its token is shown this once."""
    service = service_of(request)
    service.sign_ups.take(address(request))
    account, token = people.sign_up(service.engine, new.name)
    return models.NewToken(name=account.name, token=token)


def competitions(request: Request) -> list[models.CompetitionAnswer]:
    """List the competitions that everybody may find."""
    service = service_of(request)
    return [_competition(service, hosted) for hosted in store.listed(service.engine)]


def competition(request: Request, slug: str) -> models.CompetitionAnswer:
    """Return one competition."""
    service = service_of(request)
    return _competition(service, store.find(service.engine, slug))


def board(request: Request, slug: str, profile: str = "", offset: Offset = 0, limit: Limit = 100) -> Response:
    """Return a part of a board: the public one, and the final one after the close."""
    engine = service_of(request).engine
    hosted, chosen = store.find_board(engine, f"{slug}--{profile}" if profile else slug)
    data = _board(board_now(engine, hosted, chosen), hosted.closed is not None, offset, limit)
    return Response(data, media_type="application/json")


@lru_cache(_KEPT_BOARDS)
def _board(shown: Board, private: bool, offset: int, limit: int) -> bytes:
    """Write a part of a board as JSON, and keep it while the board stays as it is."""
    rows = tuple(
        models.RowAnswer(
            rank=row.rank,
            team=row.team,
            name=row.name,
            score=row.score,
            submitted=row.submitted,
            entries=row.entries,
            note=row.reason,
        )
        for row in shown.rows[offset : offset + limit]
    )
    answer = models.BoardAnswer(
        profile=shown.profile,
        hardware=shown.hardware,
        goal=shown.goal,
        private=private,
        total=len(shown.rows),
        rows=rows,
    )
    return answer.model_dump_json().encode()


def files(request: Request, slug: str) -> list[models.FileAnswer]:
    """List the files to download, after the rules were accepted."""
    service, account = service_of(request), signed_in(request)
    hosted = store.find(service.engine, slug)
    may_read_data(service.engine, hosted, account)
    return [
        models.FileAnswer(name=name, bytes=path.stat().st_size, url=service.link(slug, name, account))
        for name, path in store.public_files(service.home, slug).items()
    ]


def accept_rules(request: Request, slug: str) -> models.Done:
    """Accept the rules as they are now."""
    store.accept_rules(service_of(request).engine, slug, signed_in(request))
    return models.Done()


def allowance(request: Request, slug: str) -> models.AllowanceAnswer:
    """Say how many submissions one's team may make now."""
    engine, account = service_of(request).engine, signed_in(request)
    made = submitting.allowance_of(engine, store.find(engine, slug), account)
    return models.AllowanceAnswer(today=made.today, total=made.total, left=made.left)


async def announce(request: Request, slug: str, new: models.NewUpload) -> models.UploadAnswer:
    """Announce a file. PUT its bytes to ``path``; ``Content-Range`` resumes, as in Google's uploads."""
    return await service_of(request).hand_in(_announce, request, slug, new)


async def submit(request: Request, slug: str, new: models.NewSubmission) -> models.SubmissionAnswer:
    """Hand in a complete upload."""
    return await service_of(request).hand_in(_submit, request, slug, new)


def _announce(request: Request, slug: str, new: models.NewUpload) -> models.UploadAnswer:
    service, account = service_of(request), signed_in(request)
    hosted = submitting.may_submit(service.engine, slug, account)
    token = uploads.announce(service.engine, hosted, account, new.file_name, new.bytes)
    return models.UploadAnswer(token=token, path=f"/competitions/upload/{token}")


def _submit(request: Request, slug: str, new: models.NewSubmission) -> models.SubmissionAnswer:
    service, account = service_of(request), signed_in(request)
    made = submitting.submit(service.intake, slug, new.profile, account, new.token, new.description)
    return models.SubmissionAnswer.of(made)


def my_submissions(
    request: Request, slug: str, offset: Offset = 0, limit: Limit = 100
) -> list[models.SubmissionAnswer]:
    """List the submissions of one's team, the newest first."""
    engine, account = service_of(request).engine, signed_in(request)
    found = submissions.of_account(engine, store.find(engine, slug), account, offset, limit)
    return [models.SubmissionAnswer.of(one) for one in found]


def submission(request: Request, slug: str, number: Number) -> models.SubmissionAnswer:  # noqa: ARG001
    """Return one submission of one's team."""
    found = submissions.find(service_of(request).engine, signed_in(request), number)
    return models.SubmissionAnswer.of(found)


def report(request: Request, slug: str, number: Number) -> models.ReportAnswer:  # noqa: ARG001
    """Return the report of a rehearsal: log, traceback, times and memory."""
    service, account = service_of(request), signed_in(request)
    return models.ReportAnswer(report=read_report(service.engine, service.home, account, number))


def cancel(request: Request, slug: str, number: Number) -> models.Done:  # noqa: ARG001
    """Cancel a submission that waits or runs."""
    submitting.cancel(service_of(request).engine, signed_in(request), number)
    return models.Done()


def resubmit(request: Request, slug: str, number: Number) -> models.SubmissionAnswer:  # noqa: ARG001
    """Hand in the same file once more."""
    made = submitting.resubmit(service_of(request).intake, signed_in(request), number)
    return models.SubmissionAnswer.of(made)


def select_final(
    request: Request,
    slug: str,  # noqa: ARG001
    number: Number,
    selection: models.Selection,
) -> models.Done:
    """Select a submission as final, or take that back."""
    account = signed_in(request)
    finals.select_final(service_of(request).engine, account, number, selected=selection.selected)
    return models.Done()


def _competition(service: Service, hosted: store.Hosted) -> models.CompetitionAnswer:
    declared = hosted.competition
    return models.CompetitionAnswer(
        slug=declared.slug,
        title=declared.title,
        profiles=declared.profiles,
        feedback=declared.feedback,
        start=declared.schedule.start,
        end=declared.schedule.end,
        closed=hosted.closed,
        teams=store.team_count(service.engine, declared.slug),
        metric=metric_name(hosted),
        signing_key=trail_key(service.home).public,
    )


async def _unusable(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
    return JSONResponse({"code": 422, "message": faults[:500]}, 422)
