"""The tracking store behind the ledger: how it is opened and searched."""

from __future__ import annotations

import os

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
# A server out of reach is given up after half a minute; MLflow's own setting takes four and says nothing.
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "20")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")

import logging
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from mlflow import MlflowClient
from mlflow.entities import Experiment, LoggedModel, Run
from mlflow.exceptions import MlflowException, RestException

from harness.spec import Places
from harness.spec.errors import UserError
from leaderboards.boards.names import plain
from leaderboards.boards.spec import BoardSpec
from leaderboards.store.database import with_driver
from leaderboards.store.ledger.lock import exclusive

__all__ = [
    "COMPLETE",
    "FILES",
    "FILES_FILE",
    "FINAL",
    "FINAL_FILE",
    "RECORD",
    "SPEC",
    "ArtifactsError",
    "Ledger",
    "LoggedModel",
    "Run",
    "ServerError",
    "StoreError",
    "experiment_name",
    "experiment_of",
    "experiments",
    "explained",
    "open_ledger",
    "runs_with",
    "specs",
    "without_secrets",
]

logging.getLogger("alembic").setLevel(logging.WARNING)

ARTIFACTS = "PHOTOFINISH_ARTIFACTS"
"""The variable of the environment that names the store of artifacts: a folder or an address."""
COMPLETE = "photofinish.complete"
RECORD = "photofinish.record"
FILES, FILES_FILE = "photofinish.files", "photofinish-files.json"
"""The tag that holds the SHA-256 of the list of a run's files, and that list: SHA-256 by path."""
FINAL, FINAL_FILE = "photofinish.final", "final.json"
SPEC = "photofinish.board.v"
StoreError, ServerError = MlflowException, RestException
_PAGE = 1000


class ArtifactsError(MlflowException):  # type: ignore[misc]  # MLflow's own is not typed
    """The store of artifacts cannot be reached; the text names it, without secrets."""


@dataclass(frozen=True)
class Ledger:
    """A tracking store.

    ``artifacts`` is the folder in which the home keeps files; None where a server keeps them. ``own`` is True
    for the home's own store, whose files are looked for in ``artifacts`` whatever addresses were stored.
    ``kept`` is the folder in which the home keeps submissions, by their hash.
    """

    client: MlflowClient
    uri: str
    artifacts: Path | None
    own: bool
    kept: Path


def without_secrets(text: str) -> str:
    """Leave out what may be secret in the addresses of a text: a user, a password, a query, a fragment."""
    return re.sub(r"(?<=://)[^\s/]*@|[?#]\S+", "", text)


@contextmanager
def explained(home: Path) -> Iterator[None]:
    """Raise UserError, which names the ledger or its artifacts and the cure, where one of them fails."""
    safe = (
        f"Nothing is lost: records are kept in {home / 'records'}, and 'boards rebuild' publishes those that "
        "are not on the boards"
    )
    try:
        yield
    except ArtifactsError as error:
        raise UserError(
            f"{error.message}; look at the store that {ARTIFACTS} or the tracking server names, its "
            f"credentials and the library that it needs. {safe}"
        ) from error
    except (StoreError, sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        named = os.environ.get("MLFLOW_TRACKING_URI")
        where = without_secrets(named) if named else str(home / "ledger" / "mlflow.db")
        cure = (
            "look at MLFLOW_TRACKING_URI and at the server"
            if named
            else "move it away if it is damaged, and 'boards rebuild' logs every record again"
        )
        reason = " ".join(without_secrets(str(getattr(error, "orig", None) or error)).split())[:200]
        raise UserError(f"the ledger {where} cannot be used: {reason}; {cure}. {safe}") from error


def open_ledger(home: Path) -> Ledger:
    """Open the store that ``MLFLOW_TRACKING_URI`` names, or the home's own, made on first use."""
    folder, kept = home.resolve() / "ledger", Places.under(home.resolve()).kept
    folder.mkdir(parents=True, exist_ok=True)
    own = f"sqlite:///{folder / 'mlflow.db'}"
    uri = with_driver(os.environ.get("MLFLOW_TRACKING_URI") or own)
    if uri.startswith(("http:", "https:", "databricks")):
        return Ledger(MlflowClient(uri), uri, None, own=False, kept=kept)
    with exclusive(uri):  # opening a database for the first time makes its tables
        if uri == own:
            _create(folder / "mlflow.db")
        _check_sqlite(uri)
        client = MlflowClient(uri)
    return Ledger(client, uri, folder / "artifacts", own=uri == own, kept=kept)


def _create(database: Path) -> None:
    """Make an empty store beside its place and move it there, so that no half-made one is ever seen."""
    if database.exists():
        return
    with tempfile.TemporaryDirectory(dir=database.parent, prefix=".new-") as folder:
        new = Path(folder) / database.name
        MlflowClient(f"sqlite:///{new}").search_experiments(max_results=1)
        new.replace(database)


def _check_sqlite(uri: str) -> None:
    """Raise ``sqlite3.Error`` where a database file cannot be opened: MLflow would try for two minutes."""
    database = sa.make_url(uri).database if uri.startswith("sqlite") else None
    if database and Path(database).exists():
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA schema_version")


def experiment_of(ledger: Ledger, task: str) -> str:
    """Return the id of a task's experiment, made where there is none."""
    name = experiment_name(task)
    if ledger.client.get_experiment_by_name(name) is None:
        location = _new_location(ledger, name)
        with suppress(StoreError):  # another process made it meanwhile: names are unique in the store
            ledger.client.create_experiment(name, artifact_location=location)
    return str(ledger.client.get_experiment_by_name(name).experiment_id)


def _new_location(ledger: Ledger, name: str) -> str | None:
    """Return where the files of a new experiment go; None where a server decides."""
    named = os.environ.get(ARTIFACTS)
    if named:
        url = named if "://" in named else Path(named).absolute().as_uri()
        if without_secrets(url) != url:  # MLflow would keep it, for everybody to read
            raise UserError(
                f"{ARTIFACTS} names {without_secrets(url)} with a user, a password or a query; leave them "
                "out, and give the store's library its credentials by the variables that it reads"
            )
        return f"{url.rstrip('/')}/{quote(name, safe='')}"
    return ledger.artifacts.as_uri() if ledger.artifacts else None


def experiment_name(task: str) -> str:
    """Return the name of a task's experiment."""
    return plain(task, 200)


def experiments(ledger: Ledger) -> list[Experiment]:
    """Return all experiments of the store."""
    return list(_pages(ledger.client.search_experiments))


def specs(experiment: Experiment) -> dict[int, BoardSpec]:
    """Return what was said of a task's boards by task version; what cannot be read is left out."""
    known: dict[int, BoardSpec] = {}
    for key, text in experiment.tags.items():
        if key.startswith(SPEC):
            with suppress(ValueError, LookupError, TypeError):  # written by a newer version
                spec = BoardSpec.from_json(text)
                known[spec.version] = spec
    return known


def runs_with(client: MlflowClient, experiment_ids: list[str], tag: str, value: str = "") -> Iterator[Run]:
    """Find the runs that have a tag (with this value, if one is given), the latest first."""
    if experiment_ids:
        condition = f"= '{value}'" if value else "LIKE '%'"
        yield from _pages(client.search_runs, experiment_ids, f"tags.`{tag}` {condition}")


def _pages(search: Callable[..., Any], *arguments: object) -> Iterator[Any]:
    """Give all results of a search that answers in pages."""
    token = None
    while True:
        page = search(*arguments, max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return
