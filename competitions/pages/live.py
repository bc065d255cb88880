"""The state of submissions while it changes, as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from competitions.api.identity import service_of
from competitions.evaluation.attempts import attempts_at
from competitions.hosting.managing import check_host
from competitions.pages.visits import Visit, visitor
from competitions.rules.refusals import NotFound, NotSignedIn, Refused, TooMany
from competitions.store import hosted as store
from competitions.store import submissions
from competitions.store.database import reading
from competitions.store.people import Account
from harness.session.live_log import tail_of

_EVERY_S = 0.5
_LASTS_S = 25.0
"""How long one answer goes on; browsers ask again. A server that stops waits no longer than this."""
_MOST_STREAMS = 8
_SHOWN = 50
_open: Counter[int] = Counter()
"""How many streams each account has; the server is one process."""
_State = Callable[[Request, Account], tuple[str, bool]]
"""Returns what is told as JSON, and whether it may change yet."""


async def live(request: Request) -> Response:
    """Tell every change of one's newest submissions, until all of them have ended."""
    return await _told(request, _state)


async def job(request: Request) -> Response:
    """Tell the host every change of one submission and of its log, until it has ended."""
    return await _told(request, _state_of_job)


async def _told(request: Request, state: _State) -> Response:
    try:
        account = await run_in_threadpool(_account, request)
        if _open[account.id] >= _MOST_STREAMS:
            raise TooMany("too many pages watch at once", _LASTS_S)
        await run_in_threadpool(state, request, account)
    except Refused as error:
        return PlainTextResponse(str(error), error.status)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(
        _changes(request, account, state), media_type="text/event-stream", headers=headers
    )


def _account(request: Request) -> Account:
    account = visitor(request)
    if account is None:
        raise NotSignedIn("Sign in first.")
    return account


async def _changes(request: Request, account: Account, state: _State) -> AsyncIterator[str]:
    _open[account.id] += 1
    try:
        yield "retry: 1000\n\n"
        before = ""
        for _ in range(int(_LASTS_S / _EVERY_S)):
            told, waits = await run_in_threadpool(state, request, account)
            if told != before:
                yield f"data: {told}\n\n"
                before = told
            if not waits:
                yield "event: done\ndata: {}\n\n"
                return
            await asyncio.sleep(_EVERY_S)
    finally:
        _open[account.id] -= 1
        if not _open[account.id]:
            del _open[account.id]


def _state(request: Request, account: Account) -> tuple[str, bool]:
    """Return the states of one's newest submissions as JSON, and whether one of them has not ended."""
    engine = service_of(request).engine
    hosted = store.find(engine, Visit(request, account, {}).slug)
    found = submissions.of_account(engine, hosted, account, 0, _SHOWN)
    states = [{"id": one.id, "state": one.progress.state, "stage": one.progress.stage} for one in found]
    return json.dumps(states), any(one.progress.state in {"queued", "running"} for one in found)


def _state_of_job(request: Request, account: Account) -> tuple[str, bool]:
    """Return the state of a submission with the length of its logs, for a host of its competition."""
    service, number = service_of(request), int(request.path_params["number"])
    slug = Visit(request, account, {}).slug
    with reading(service.engine) as connection:
        check_host(connection, slug, account)
        one = submissions.get(connection, number)
    if one.entered.competition != slug:
        raise NotFound(f"{slug} has no submission {number}")
    logs = [tail_of(each.log, 0).size for each in attempts_at(service.engine, service.home, slug, number)]
    state = {"id": number, "state": one.progress.state, "stage": one.progress.stage, "logs": logs}
    return json.dumps([state]), one.progress.state in {"queued", "running"}
