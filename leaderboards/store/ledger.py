"""MLflow as the ledger: every record a complete run, and everything read back from MLflow alone.

By default the store is SQLite at ``HOME/ledger/mlflow.db``; ``MLFLOW_TRACKING_URI`` names another, also
a remote server. A run counts once its last tag, ``photofinish.complete``, is written; every step before
it may be repeated, so whoever was killed in the middle is mended by logging the same record again.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")

from mlflow import MlflowClient
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

from harness.record import Record, parse_record, read_record
from harness.spec.errors import UnreadableRecord
from leaderboards.boards.names import plain
from leaderboards.boards.spec import BoardSpec

if TYPE_CHECKING:
    from mlflow.entities import Experiment, Run

logging.getLogger("alembic").setLevel(logging.WARNING)

COMPLETE = "photofinish.complete"
_RECORD = "photofinish.record"
_SUBMISSION = "photofinish.submission"
_FINAL, _FINAL_FILE = "photofinish.final", "final.json"
_SPEC = "photofinish.board.v"
_PAGE = 1000
_BATCH_PARAMS = 100

Fetch = Callable[[str], bytes | None]
"""Reads one artifact of a run by its path; None where the run has no such artifact."""


SpecOf = Callable[[Record], BoardSpec | None]
"""How the board of a record is ranked; None where its task is not known here."""


@dataclass(frozen=True)
class Ledger:
    """A tracking store. ``artifacts`` is where a store without a server keeps files, ``lock`` lets one
    process of this home write at a time."""

    client: MlflowClient
    lock: Path
    artifacts: Path | None


@dataclass(frozen=True)
class Entry:
    """One record as the ledger holds it; ``spec`` is how its board is ranked, where that is known."""

    record: Record
    spec: BoardSpec | None
    fetch: Fetch


@dataclass(frozen=True)
class Mended:
    """Record folders that ``mend`` logged, and folders it could not read, with the reason."""

    logged: tuple[Path, ...]
    unreadable: Mapping[Path, str]


def open_ledger(home: Path) -> Ledger:
    """Open the store that ``MLFLOW_TRACKING_URI`` names, or the home's own, made on first use."""
    folder = home.resolve() / "ledger"
    folder.mkdir(parents=True, exist_ok=True)
    lock, database = folder / "lock", folder / "mlflow.db"
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if uri is None:
        with _locked(lock):
            _create(database)
        uri = f"sqlite:///{database}"
    served = uri.startswith(("http:", "https:", "databricks"))
    return Ledger(MlflowClient(uri), lock, None if served else folder / "artifacts")


def log(ledger: Ledger, folder: Path, spec: BoardSpec | None = None) -> str:
    """Log the record in ``folder`` with all its files and return the run's id.

    Logging a record twice changes nothing. ``spec`` is kept with the experiment, so that boards can be
    rebuilt where the task's own file is gone. Files whose name begins with ``private`` or a dot stay out.

    Raises UnreadableRecord where the folder holds no record, ``OSError`` where a file cannot be read.
    """
    record = read_record(folder)
    with _locked(ledger.lock):
        experiment = _experiment(ledger, record.task)
        if spec is not None:
            ledger.client.set_experiment_tag(experiment, f"{_SPEC}{spec.version}", spec.to_json())
        return _log(ledger.client, experiment, record, folder)


def mend(ledger: Ledger, records_folder: Path, spec_of: SpecOf = lambda _: None) -> Mended:
    """Log every record folder that the ledger lacks or holds by half, and drop halves without a folder.

    On a server other people's runs may be half there because they are being written: those are left alone.
    """
    done, half = _complete_and_half(ledger.client)
    logged: list[Path] = []
    unreadable: dict[Path, str] = {}
    for path in sorted(records_folder.glob("[!.]*/record.json")):
        if path.parent.name in done:
            continue
        try:
            log(ledger, path.parent, spec_of(read_record(path.parent)))
        except (UnreadableRecord, OSError) as error:
            unreadable[path.parent] = plain(str(error), 1000)
        else:
            logged.append(path.parent)
            half.pop(path.parent.name, None)
    if ledger.artifacts is not None:
        for run_id in half.values():
            ledger.client.delete_run(run_id)
    return Mended(tuple(logged), unreadable)


def known_spec(ledger: Ledger, record: Record) -> BoardSpec | None:
    """What an earlier ``log`` said of the record's task, if one did."""
    found = ledger.client.get_experiment_by_name(_experiment_name(record.task))
    return _specs(found).get(record.task_version) if found is not None else None


def records(ledger: Ledger) -> Iterator[Entry]:
    """Every complete record of the ledger, once each, read from MLflow alone."""
    seen: set[str] = set()
    for experiment in _pages(ledger.client.search_experiments):
        specs = _specs(experiment)
        for run in _runs(ledger.client, [experiment.experiment_id], COMPLETE):
            record_id = run.data.tags[COMPLETE]
            if record_id in seen:
                continue
            seen.add(record_id)
            fetch = _fetcher(ledger.client, run.info.run_id)
            record = parse_record(fetch("record.json") or b"")
            yield Entry(record, specs.get(record.task_version), fetch)


def log_final(ledger: Ledger, task: str, board_id: str, text: str) -> None:
    """Log how a board was closed; of several the last counts."""
    with _locked(ledger.lock):
        experiment = _experiment(ledger, task)
        run = ledger.client.create_run(experiment, run_name=f"final {board_id}")
        ledger.client.log_text(run.info.run_id, text, _FINAL_FILE)
        ledger.client.set_terminated(run.info.run_id)
        ledger.client.set_tag(run.info.run_id, _FINAL, board_id)


def finals(ledger: Ledger) -> dict[str, str]:
    """Board id -> how it was closed, as ``log_final`` was told."""
    experiments = [experiment.experiment_id for experiment in _pages(ledger.client.search_experiments)]
    found: dict[str, str] = {}
    for run in _runs(ledger.client, experiments, _FINAL) if experiments else ():  # the latest first
        text = _fetcher(ledger.client, run.info.run_id)(_FINAL_FILE)
        found.setdefault(run.data.tags[_FINAL], (text or b"").decode())
    return found


def _create(database: Path) -> None:
    """Make an empty store beside its place and move it there, so that no half-made one is ever seen."""
    if database.exists():
        return
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".new-") as folder:
        new = Path(folder) / database.name
        MlflowClient(f"sqlite:///{new}").search_experiments(max_results=1)
        new.replace(database)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _experiment(ledger: Ledger, task: str) -> str:
    name = _experiment_name(task)
    found = ledger.client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    location = ledger.artifacts.as_uri() if ledger.artifacts else None
    return str(ledger.client.create_experiment(name, artifact_location=location))


def _experiment_name(task: str) -> str:
    return plain(task, 200)


def _specs(experiment: Experiment) -> dict[int, BoardSpec]:
    """Task version -> what was said of its boards."""
    read = (BoardSpec.from_json(text) for key, text in experiment.tags.items() if key.startswith(_SPEC))
    return {spec.version: spec for spec in read}


def _log(client: MlflowClient, experiment: str, record: Record, folder: Path) -> str:
    started = int(datetime.fromisoformat(record.started).timestamp() * 1000)
    run = next(_runs(client, [experiment], _RECORD, record.id), None)
    if run is not None and run.data.tags.get(COMPLETE) == record.id:
        return str(run.info.run_id)
    if run is None:
        run = client.create_run(
            experiment, started, {_RECORD: record.id}, run_name=plain(record.submission.name)
        )
    run_id = str(run.info.run_id)
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith((".", "private")) for part in inside.parts):
            client.log_artifact(run_id, str(path), str(inside.parent) if inside.parent.parts else None)
    dataset = Dataset(
        name=plain(f"{record.data.name}-{record.data.variant}", 400),
        digest=record.data.sha256[:16],
        source_type="photofinish",
        source=json.dumps({"name": record.data.name, "sha256": record.data.sha256}),
    )
    model = _model(client, experiment, record, run_id)
    client.log_inputs(
        run_id,
        [DatasetInput(dataset, [InputTag("mlflow.data.context", "evaluation")])],
        [LoggedModelInput(model)],
    )
    client.log_batch(
        run_id,
        [
            Metric(key, value, started, 0, model, dataset.name, dataset.digest, run_id)
            for key, value in _numbers(record).items()
        ],
        [Param(key, value) for key, value in _params(record).items()],
        [RunTag(key, value) for key, value in _tags(record).items()],
    )
    status = "FINISHED" if record.status == "ok" else "FAILED"
    client.set_terminated(run_id, status, started + int(record.seconds * 1000))
    client.set_tag(run_id, COMPLETE, record.id)
    return run_id


def _model(client: MlflowClient, experiment: str, record: Record, run_id: str) -> str:
    """The logged model of these very bytes: one for all runs of one submission."""
    tag = {_SUBMISSION: record.submission.sha256}
    found = client.search_logged_models(
        [experiment], f"tags.`{_SUBMISSION}` = '{_key(record.submission.sha256)}'", max_results=1
    )
    if found:
        return str(found[0].model_id)
    name = re.sub("[/:.%\"']", "_", plain(record.submission.name))
    model = client.create_logged_model(experiment, name, run_id, tag, model_type=record.submission.kind)
    client.finalize_logged_model(model.model_id, LoggedModelStatus.READY)
    return str(model.model_id)


def _numbers(record: Record) -> dict[str, float]:
    numbers = {"seconds": record.seconds}
    for name, measure in record.metrics.items():
        for suffix, value in (("", measure.value), (".low", measure.low), (".high", measure.high)):
            if value is not None:
                numbers[_key(name) + suffix] = value
    for name, phase in record.phases.items():
        numbers[f"phase.{_key(name)}.seconds"] = phase.seconds
        if phase.memory_peak_mb is not None:
            numbers[f"phase.{_key(name)}.memory_peak_mb"] = phase.memory_peak_mb
    return numbers


def _params(record: Record) -> dict[str, str]:
    known: dict[str, Any] = {
        "task": record.task,
        "task_version": record.task_version,
        "data": record.data.name,
        "variant": record.data.variant,
        "data_sha256": record.data.sha256,
        "profile": record.profile,
        "scenario": record.scenario,
        "submission": record.submission.name,
        "submission_sha256": record.submission.sha256,
        "kind": record.submission.kind,
        "quick": record.quick,
        "seed": record.seed,
        "processes": record.processes,
    }
    for group, values in (("version", record.versions), ("machine", record.machine)):
        known |= {f"{group}.{_key(k)}": v for k, v in values.items() if isinstance(v, str | int | float)}
    return {key: plain(str(value), 400) for key, value in list(known.items())[:_BATCH_PARAMS]}


def _tags(record: Record) -> dict[str, str]:
    tags = {
        "status": record.status,
        "validity": record.validity.state,
        "isolation": record.isolation.name,
        "team": record.submission.team,
        "reasons": "; ".join(record.validity.reasons),
        "message": record.message,
    }
    return {f"photofinish.{key}": plain(value, 1000) for key, value in tags.items() if value}


def _key(name: str) -> str:
    """A name that MLflow takes for a metric or a parameter."""
    return re.sub(r"[^\w./ -]|\.\.", "_", name, flags=re.ASCII).strip("/. ")[:200] or "_"


def _runs(client: MlflowClient, experiments: list[str], tag: str, value: str | None = None) -> Iterator[Run]:
    condition = f"= '{value}'" if value is not None else "LIKE '%'"
    return _pages(client.search_runs, experiments, f"tags.`{tag}` {condition}")


def _pages(search: Callable[..., Any], *arguments: object) -> Iterator[Any]:
    token = None
    while True:
        page = search(*arguments, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def _complete_and_half(client: MlflowClient) -> tuple[set[str], dict[str, str]]:
    """Ids of the records that are complete; record id -> run id of those that are only begun."""
    experiments = [experiment.experiment_id for experiment in _pages(client.search_experiments)]
    done: set[str] = set()
    half: dict[str, str] = {}
    for run in _runs(client, experiments, _RECORD):
        if COMPLETE in run.data.tags:
            done.add(run.data.tags[_RECORD])
        else:
            half[run.data.tags[_RECORD]] = run.info.run_id
    return done, half


def _fetcher(client: MlflowClient, run_id: str) -> Fetch:
    def fetch(name: str) -> bytes | None:
        parent = str(Path(name).parent)
        held = client.list_artifacts(run_id, None if parent == "." else parent)
        if name not in {item.path for item in held}:
            return None
        with tempfile.TemporaryDirectory() as folder:
            return Path(client.download_artifacts(run_id, name, folder)).read_bytes()

    return fetch
