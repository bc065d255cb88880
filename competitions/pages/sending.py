"""A file that a form hands in, where a browser runs no scripts: it is stored while it comes in."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from competitions.api.identity import service_of
from competitions.pages.multipart import Part, boundary_of, parts
from competitions.pages.visits import HOME, Visit, check_form, go, refusal, visitor
from competitions.queue import submitting, uploads
from competitions.rules.refusals import Refused, TooLarge, TooMany
from competitions.store.hosted import Files, Hosted
from competitions.store.people import Account

_MOST_PARTS = 10
_LONGEST_FIELD = 4000
_PIECE = 1 << 18
_MOST_AT_ONCE = 2
_sending: Counter[int] = Counter()
"""How many forms with a file each account sends now; the server is one process."""


@dataclass
class _Sent:
    """What came of a form so far; ``file`` lies among the uploads under a name of its own."""

    visit: Visit
    form: dict[str, str] = field(default_factory=dict)
    hosted: Hosted | None = None
    file_name: str = ""
    file: Path | None = None
    bytes: int = 0


async def send(request: Request) -> Response:
    """Take a file in that a form sends, and submit it."""
    sent = _Sent(Visit(request, None, {}))
    try:
        sent.visit = Visit(request, await run_in_threadpool(visitor, request), sent.form)
        with _one_of_few(sent.visit.signed_in()):
            await _receive(request, sent)
            await service_of(request).hand_in(_submit, sent)
        return go(f"{HOME}/{sent.visit.slug}/submissions")
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there
    except Refused as error:
        return refusal(sent.visit, error)
    finally:
        if sent.file is not None:
            sent.file.unlink(missing_ok=True)


@contextmanager
def _one_of_few(account: Account) -> Iterator[None]:
    """Raise TooMany where an account sends more forms at once than disks should bear."""
    if _sending[account.id] >= _MOST_AT_ONCE:
        raise TooMany("You are sending other files; wait until they are there.", 10.0)
    _sending[account.id] += 1
    try:
        yield
    finally:
        _sending[account.id] -= 1
        if not _sending[account.id]:
            del _sending[account.id]


async def _receive(request: Request, sent: _Sent) -> None:
    """Read the parts of the form. Raises Refused."""
    current, count, value = "", 0, bytearray()
    async for one in parts(_chunks(request), boundary_of(request.headers.get("content-type", ""))):
        if isinstance(one, Part):
            count += 1
            if count > _MOST_PARTS or sent.form.get(one.name) is not None:
                raise Refused("The form has more fields than it can have.")
            current, value = one.name, bytearray()
            sent.form[current] = ""
            if current == "file":
                await service_of(request).hand_in(_begin, sent, one.file_name or "")
        elif current == "file":
            await _store(request, sent, one)
        else:
            value += one
            if len(value) > _LONGEST_FIELD:
                raise TooLarge("A field of the form is too long.")
            sent.form[current] = value.decode("utf-8", "replace")


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    """Join what comes to larger pieces, so that few of them are written."""
    held = bytearray()
    async for chunk in request.stream():
        held += chunk
        if len(held) >= _PIECE:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _begin(sent: _Sent, file_name: str) -> None:
    """Check before the first byte of the file that it would be accepted. Raises Refused."""
    account = sent.visit.signed_in()
    check_form(sent.visit)
    if not file_name:
        raise Refused("Choose a file first.")
    service = sent.visit.service
    sent.hosted = submitting.may_submit(service.engine, sent.visit.slug, account)
    sent.file_name = uploads.safe_name(file_name)
    folder = Files.of(service.home, sent.hosted.slug).uploads
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=uploads.UNFINISHED, delete=False) as new:
        sent.file = Path(new.name)


async def _store(request: Request, sent: _Sent, data: bytes) -> None:
    assert sent.hosted is not None and sent.file is not None, "the head of the part came first"
    most = sent.hosted.competition.limits.upload_mb * 1_000_000
    sent.bytes += len(data)
    if sent.bytes > most:
        raise TooLarge(f"{sent.file_name} has more than the {most:,} bytes that a submission may have")
    await service_of(request).hand_in(_append, sent.file, data)


def _append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def _submit(sent: _Sent) -> None:
    """Announce the file that came as an upload, and submit it."""
    account, service, hosted = sent.visit.signed_in(), sent.visit.service, sent.hosted
    if hosted is None or sent.file is None:
        raise Refused("Choose a file first.")
    token = uploads.announce(service.engine, hosted, account, sent.file_name, sent.bytes)
    upload = uploads.find_upload(service.engine, service.home, token)
    upload.path.parent.mkdir(parents=True)
    with sent.file.open("rb") as file:
        os.fsync(file.fileno())
    sent.file.replace(upload.path)
    profile, text = sent.form.get("profile", ""), sent.form.get("description", "")
    submitting.submit(service.intake, hosted.slug, profile, account, token, text)
