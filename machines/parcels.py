"""A request with the files it needs, by hash: what a machine gets, and what it sends back signed.

Files go by an id that holds their hash, so that each machine fetches them once. What arrives is checked
against the request's hashes before anything runs, as on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from harness.intake.lookup import named_entries
from harness.intake.request import EvaluationRequest
from harness.intake.requested import requested_data, requested_task
from harness.intake.sealing import known_key
from harness.spec import Places, Task, no_progress
from machines.archives import packed
from machines.code_version import code_version

Contents = Mapping[str, Callable[[], bytes]]
"""Archives by id; each is made when it is first asked for."""


@dataclass(frozen=True)
class Parcel:
    """A request for a machine. ``files`` maps task, data, source and submission to ids of archives.

    ``key`` is the secret key of sealed data: whoever gets the hidden data may have it. ``nonce`` makes every
    parcel a new one, so that an older answer cannot be sent again.
    """

    request: str
    code_version: str
    files: Mapping[str, str]
    nonce: bytes
    key: int | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Returned:
    """What a machine sends back: the record's folder as an archive, or the kind and text of an error.

    ``signature`` covers the nonce and everything else.
    """

    archive: bytes
    error: tuple[str, str]
    signature: bytes

    @staticmethod
    def signed_bytes(nonce: bytes, archive: bytes, error: tuple[str, str]) -> bytes:
        """Return the bytes that are signed."""
        return b"\0".join((nonce, *(text.encode() for text in error), archive))


def pack(request: EvaluationRequest, places: Places, nonce: bytes) -> tuple[Parcel, Contents]:
    """Return the parcel of a request and the archives it names. Raises UserError where a file is not here."""
    task = requested_task(request.task)
    wanted: dict[str, tuple[str, tuple[Path, ...]]] = {}
    if request.data.source:
        wanted["source"] = (request.data.sha256, (request.data.source,))
    else:
        prepared = requested_data(request.data, task, places, no_progress)
        wanted["data"] = (request.data.sha256, (prepared.public.parent,))
    if request.submission.path:
        wanted["submission"] = (request.submission.sha256, (request.submission.path,))
    if request.task.file:
        own = _own_entry(task, request)
        digest = f"{request.task.sha256}-{request.reference.sha256}" if own else str(request.task.sha256)
        wanted["task"] = (digest, (request.task.file, *own))
    key = None
    if request.data.key_sha256:
        key = known_key(places.data, f"{task.dataset.name}-{request.data.variant}")
    files = {role: f"{role}-{digest}" for role, (digest, _) in wanted.items()}
    parcel = Parcel(request.model_dump_json(by_alias=True), code_version(), files, nonce, key)
    return parcel, {files[role]: partial(packed, paths) for role, (_, paths) in wanted.items()}


def _own_entry(task: Task, request: EvaluationRequest) -> tuple[Path, ...]:
    """Return the reference where it lies beside the task's own file."""
    path = named_entries(task).get(request.reference.name)
    beside = path is not None and request.task.file is not None and path.parent == request.task.file.parent
    return (path,) if beside and path is not None else ()
