"""Bytes in and out: uploads that can be resumed, downloads by signed links."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response

from competitions.api.identity import service_of
from competitions.queue.uploads import Upload, find_upload, partial, received
from competitions.rules.refusals import Forbidden, NotFound, Refused, TooLarge
from competitions.store.hosted import Files, public_files

if TYPE_CHECKING:
    from competitions.api.service import Service

_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})")
_PATIENCE_S = 5.0
_BUSY: set[str] = set()
"""Uploads that receive bytes now; the server is one process."""


async def receive(request: Request) -> Response:
    """Receive the bytes of an announced upload, all of them or from where they broke off."""
    service = service_of(request)
    upload, start = await service.hand_in(_located, request)
    while start is not None and upload.hash in _BUSY:
        await _free(upload)
        upload, start = await service.hand_in(_located, request)
    if start is None:
        return _state(upload)
    _BUSY.add(upload.hash)
    try:
        await _append(request, upload, start)
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there; what came is kept
    finally:
        _BUSY.discard(upload.hash)
    return _state(upload)


async def _free(upload: Upload) -> None:
    """Wait until a connection that broke off is noticed. Raises Forbidden where another sends this upload."""
    until = time.monotonic() + _PATIENCE_S
    while upload.hash in _BUSY:
        if time.monotonic() > until:
            raise Forbidden("this upload is being received already")
        await asyncio.sleep(0.05)


async def send(request: Request) -> Response:
    """Send a file of a competition to whoever has a link to it."""
    service, slug = service_of(request), request.path_params["slug"]
    name = request.path_params["name"]
    service.check_link(request.path_params["ticket"], slug, name)
    path = await run_in_threadpool(downloadable, service, slug, name)
    return FileResponse(path, filename=path.name, content_disposition_type="attachment")


def downloadable(service: Service, slug: str, name: str) -> Path:
    """Return a public file, or the archive of all. Raises NotFound."""
    archive = Files.of(service.home, slug).archive
    if name == archive.name:
        return archive
    files = public_files(service.home, slug)
    if name not in files:
        raise NotFound(f"{slug} has no file '{name[:100]}'")
    return files[name]


def _located(request: Request) -> tuple[Upload, int | None]:
    """Return the upload that a request is for, and where its bytes begin. Raises NotFound, Forbidden."""
    service = service_of(request)
    upload = find_upload(service.engine, service.home, request.path_params["token"])
    if upload.submission is not None:
        raise Forbidden("this upload was handed in already")
    return upload, _start(request, upload)


def _start(request: Request, upload: Upload) -> int | None:
    """Return where the bytes of a request begin; None where it only asks what came, or all of it did."""
    header, there = request.headers.get("content-range"), received(upload)
    if there == upload.bytes and upload.path.is_file():
        return None
    if header is None:
        _check_length(request, upload.bytes)
        return 0
    if header.startswith("bytes */"):
        return None
    found = _RANGE.fullmatch(header)
    if found is None:
        raise Refused("the Content-Range header cannot be read")
    first, last, total = (int(number) for number in found.groups())
    if total != upload.bytes or last != total - 1 or first > last:
        raise Refused(f"this upload was announced with {upload.bytes:,} bytes")
    if first != there:
        return None  # the answer says how many came
    _check_length(request, total - first)
    return first


def _check_length(request: Request, wanted: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > wanted:
        raise TooLarge(f"{int(length):,} bytes were sent, {wanted:,} were announced")


async def _append(request: Request, upload: Upload, start: int) -> None:
    """Write what comes, never more than was announced; what came before a break is kept."""
    service, written = service_of(request), start
    async for chunk in request.stream():
        if written + len(chunk) > upload.bytes:
            raise TooLarge(f"more than the announced {upload.bytes:,} bytes were sent")
        if chunk:
            await service.hand_in(_write, upload, written, chunk)
            written += len(chunk)


def _write(upload: Upload, at: int, data: bytes) -> None:
    """Write a piece of an upload behind ``at`` bytes, and give the file its name once all of it is there."""
    part = partial(upload)
    part.parent.mkdir(parents=True, exist_ok=True)
    with part.open("ab" if at else "wb") as file:
        file.write(data)
        if at + len(data) == upload.bytes:
            file.flush()
            os.fsync(file.fileno())
            part.replace(upload.path)


def _state(upload: Upload) -> Response:
    """Say that all came (200), or how far it is (308, as Google's resumable uploads do)."""
    there = received(upload)
    if there == upload.bytes and upload.path.is_file():
        return JSONResponse({"received": there})
    headers = {"range": f"bytes=0-{there - 1}"} if there else {}
    return Response(status_code=308, headers=headers)
