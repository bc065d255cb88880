"""Log a record as one MLflow run, in steps that may be repeated, and leave one run for each record."""

from __future__ import annotations

import hashlib
import io
import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import numpy as np
from mlflow.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModelInput,
    LoggedModelStatus,
    Metric,
    Param,
    RunTag,
)
from mlflow.exceptions import RestException

from harness.npz import read_recorded
from harness.record import Record, read_record
from leaderboards.boards.names import NAME_LENGTH, plain
from leaderboards.boards.spec import BoardSpec
from leaderboards.store.ledger import artifacts, fields
from leaderboards.store.ledger.lock import exclusive
from leaderboards.store.ledger.store import (
    COMPLETE,
    FILES,
    FILES_FILE,
    FINAL,
    FINAL_FILE,
    RECORD,
    SPEC,
    Ledger,
    Run,
    experiment_of,
    runs_with,
)

_SUBMISSION = "photofinish.submission"
_ANSWERS = "answers.npz"
_ATTEMPTS = 5

SpecOf = Callable[[Record], BoardSpec | None]
"""How the board of a record is ranked; None where its task is not known here."""


def log(ledger: Ledger, folder: Path, spec: BoardSpec | None = None) -> str:
    """Log the record in ``folder`` with all its files and return the run's id.

    Logging a record twice changes nothing. ``spec`` is kept with the experiment, so that boards can be
    rebuilt where the task's own file is gone. Files whose name begins with ``private`` or a dot stay out, and
    so do answers to private units.

    Raises UnreadableRecord where the folder holds no record, ``OSError`` where a file cannot be read.
    """
    record = read_record(folder)
    experiment = experiment_of(ledger, record.task)
    with exclusive(ledger.uri, record.submission.sha256):
        if spec is not None:
            ledger.client.set_experiment_tag(experiment, f"{SPEC}{spec.version}", spec.to_json())
        run_id = _complete_run(ledger, experiment, record)
        if run_id is not None:
            return run_id
        return _filled(ledger, experiment, record, folder)


def log_final(ledger: Ledger, task: str, board_id: str, text: str) -> None:
    """Log how a board was closed; of several the last counts."""
    experiment = experiment_of(ledger, task)
    with exclusive(ledger.uri, board_id):
        run = ledger.client.create_run(experiment, run_name=f"final {board_id}")
        artifacts.put(ledger, run, FINAL_FILE, text.encode())
        ledger.client.set_terminated(run.info.run_id)
        ledger.client.set_tag(run.info.run_id, FINAL, board_id)


def _complete_run(ledger: Ledger, experiment: str, record: Record) -> str | None:
    """Return the complete run of a record; of several, all but the one with the least id are deleted.

    Every process decides alike, so that one run is left.
    """
    runs = runs_with(ledger.client, [experiment], COMPLETE, record.id)
    run_ids = sorted(str(run.info.run_id) for run in runs)
    for run_id in run_ids[1:]:
        ledger.client.delete_run(run_id)
    return run_ids[0] if run_ids else None


def _filled(ledger: Ledger, experiment: str, record: Record, folder: Path) -> str:
    """Fill the run of a record and return the id of the run that is left.

    Where no lock exists, another process may write the same row at once, or complete the record and remove
    this run: then the server refuses a step, and all steps are repeated.
    """
    begun = set[str]()
    for attempt in range(1, _ATTEMPTS + 1):
        run = _begun(ledger, experiment, record)
        begun.add(str(run.info.run_id))
        try:
            _fill(ledger, run, record, folder)
            break
        except RestException:
            if _complete_run(ledger, experiment, record):
                break
            if attempt == _ATTEMPTS:
                raise
            time.sleep(0.1 * attempt)
    left = _complete_run(ledger, experiment, record) or str(run.info.run_id)
    for half in begun - {left}:
        with suppress(RestException):  # the other process may have removed it
            ledger.client.delete_run(half)
    return left


def _begun(ledger: Ledger, experiment: str, record: Record) -> Run:
    """Return the run that was begun for a record, also by another process, or a new one."""
    run = next(runs_with(ledger.client, [experiment], RECORD, record.id), None)
    if run is not None:
        return run
    name = f"{plain(record.submission.name, NAME_LENGTH - 9)} {record.id[:8]}"
    return ledger.client.create_run(experiment, _started(record), {RECORD: record.id}, run_name=name)


def _fill(ledger: Ledger, run: Run, record: Record, folder: Path) -> None:
    """Write all files and fields of a run; every step may be repeated."""
    client, run_id, started = ledger.client, str(run.info.run_id), _started(record)
    list_sha256 = _put_files(ledger, run, folder)
    dataset = Dataset(
        name=plain(f"{record.data.name}-{record.data.variant}", 400),
        digest=record.data.sha256[:16],
        source_type="photofinish",
        source=json.dumps({"name": record.data.name, "sha256": record.data.sha256}),
    )
    model = _model(ledger, run, record)
    client.log_inputs(
        run_id,
        [DatasetInput(dataset, [InputTag("mlflow.data.context", "evaluation")])],
        [LoggedModelInput(model)],
    )
    client.log_batch(
        run_id,
        [
            Metric(key, value, started, 0, model, dataset.name, dataset.digest, run_id)
            for key, value in fields.numbers(record).items()
        ],
        [Param(key, value) for key, value in fields.params(record).items()],
        [RunTag(key, value) for key, value in (fields.tags(record) | {FILES: list_sha256}).items()],
    )
    status = "FINISHED" if record.status == "ok" else "FAILED"
    client.set_terminated(run_id, status, started + int(record.seconds * 1000))
    client.set_tag(run_id, COMPLETE, record.id)


def _put_files(ledger: Ledger, run: Run, folder: Path) -> str:
    """Store the files of a record and the list of their hashes; return the hash of that list."""
    listed: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "private")) for part in inside.parts):
            data = _public_answers(folder) if inside.as_posix() == _ANSWERS else path.read_bytes()
            artifacts.put(ledger, run, inside.as_posix(), data)
            listed[inside.as_posix()] = hashlib.sha256(data).hexdigest()
    text = json.dumps(listed, indent=1).encode()
    artifacts.put(ledger, run, FILES_FILE, text)
    return hashlib.sha256(text).hexdigest()


def _public_answers(folder: Path) -> bytes:
    """Return the kept answers to the units that are scored in public; those to private units stay at home."""
    rows = folder / "rows.npz"
    answers = read_recorded(folder / _ANSWERS)
    public = set(read_recorded(rows)["id"].tolist()) if rows.is_file() else set()
    kept = {name: array for name, array in answers.items() if {name, name.rpartition("|")[0]} & public}
    if len(kept) == len(answers):
        return (folder / _ANSWERS).read_bytes()
    packed = io.BytesIO()
    np.savez_compressed(packed, **kept)  # type: ignore[arg-type]
    return packed.getvalue()


def _model(ledger: Ledger, run: Run, record: Record) -> str:
    """Return the logged model of these very bytes: one for all runs of one submission, with its files."""
    client, experiment = ledger.client, str(run.info.experiment_id)
    tag = {_SUBMISSION: record.submission.sha256}
    models = client.search_logged_models(
        [experiment], f"tags.`{_SUBMISSION}` = '{fields.key(record.submission.sha256)}'", max_results=1
    )
    if models and models[0].status == LoggedModelStatus.READY:
        return str(models[0].model_id)
    name = re.sub("[/:.%\"']", "_", plain(record.submission.name))
    kind = record.submission.kind
    model = next(iter(models), None) or client.create_logged_model(
        experiment, name, str(run.info.run_id), tag, model_type=kind
    )
    if (ledger.kept / record.submission.sha256).is_dir():
        artifacts.put_model(ledger, model, ledger.kept / record.submission.sha256)
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    return str(model.model_id)


def _started(record: Record) -> int:
    return int(datetime.fromisoformat(record.started).timestamp() * 1000)
