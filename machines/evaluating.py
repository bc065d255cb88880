"""What a machine does with a parcel: it fetches the files it lacks, evaluates, and signs what came of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from harness.evaluate import evaluate
from harness.intake.request import EvaluationRequest
from harness.intake.sealing import KEYS
from harness.spec import Places, Progress, no_progress
from harness.spec.errors import HarnessError, PhotofinishError
from machines.archives import packed, unpack
from machines.code_version import check_version
from machines.keys import SigningKey
from machines.parcels import Parcel, Returned
from machines.progress import new_live_log
from machines.signatures import sign_folder

MACHINE_FAULT = "MachineFault"
_RECORDS = ".records-"
Fetch = Callable[[str], bytes]
"""Gets the archive of an id from whoever sent the parcel."""


def evaluate_parcel(
    parcel: Parcel, fetch: Fetch, home: Path, key: SigningKey, progress: Progress = no_progress
) -> Returned:
    """Evaluate on this machine; an error of the submission or of the request is sent back as such.

    What fails on the machine itself, such as a full disk or a sandbox that does not start, is sent back as a
    ``MACHINE_FAULT``.
    """
    archive, error = b"", ("", "")
    try:
        archive = _archive(parcel, fetch, home, key, progress)
    except (OSError, HarnessError) as raised:
        error = (MACHINE_FAULT, str(raised))
    except PhotofinishError as raised:
        error = (type(raised).__name__, str(raised))
    signature = key.sign(Returned.signed_bytes(parcel.nonce, archive, error))
    return Returned(archive, error, signature)


def _archive(parcel: Parcel, fetch: Fetch, home: Path, key: SigningKey, progress: Progress) -> bytes:
    """Return the signed folder of the record as an archive."""
    check_version(parcel.code_version)
    log = new_live_log(home, parcel.nonce)  # whoever asks sees that it has begun
    store = home / "machines" / "received"
    folders = {role: received(store / name, name, fetch) for role, name in parcel.files.items()}
    request = EvaluationRequest.model_validate_json(parcel.request)
    task, source, submission = request.task.file, request.data.source, request.submission.path
    request = request.relocated(
        task=folders["task"] / task.name if task else None,
        source=folders["source"] / source.name if source else None,
        submission=folders["submission"] / submission.name if submission else None,
    )
    data = folders.get("data", home / "data")
    records = _empty_records(home / "machines")
    try:
        places = replace(Places.under(home), data=data, records=records, live_log=log)
        _put_key(parcel, request, data)
        folder = evaluate(request, places, progress).folder
        sign_folder(folder, key)
        return packed([folder])
    finally:
        shutil.rmtree(records, ignore_errors=True)


def _empty_records(folder: Path) -> Path:
    """Return a new folder for a record, and remove those of evaluations that were killed."""
    for before in folder.glob(f"{_RECORDS}*"):
        shutil.rmtree(before, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_RECORDS, dir=folder))


def received(folder: Path, name: str, fetch: Fetch) -> Path:
    """Return the folder with the files of an id; they are fetched where it is not there."""
    if not folder.exists():
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unpack(fetch(name), folder)
    return folder


def _put_key(parcel: Parcel, request: EvaluationRequest, data: Path) -> None:
    """Put the key of sealed data where they are looked for; nobody else on the machine may read it."""
    if parcel.key is None:
        return
    file = data / KEYS / f"{request.data.name}-{request.data.variant}"
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as written:
        written.write(f"{parcel.key:032x}\n")
