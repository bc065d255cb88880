"""The files of a run: in the home's own folder, looked for there wherever the home is, or in any store.

``PHOTOFINISH_ARTIFACTS`` names the store by its address, of any kind that MLflow reaches.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from harness.files import write_whole
from leaderboards.store.ledger.store import (
    ArtifactsError,
    Ledger,
    LoggedModel,
    Run,
    ServerError,
    without_secrets,
)

Fetch = Callable[[str], bytes | None]
"""Reads one artifact of a run by its path; None where the run has no such artifact."""


def put(ledger: Ledger, run: Run, name: str, data: bytes) -> None:
    """Store one artifact of a run under its relative path; an existing one is replaced."""
    folder = _own_folder(ledger, run)
    if folder is not None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(folder / name, data)
        return
    path = Path(name)
    with tempfile.TemporaryDirectory() as temporary:
        (Path(temporary) / path.name).write_bytes(data)
        parent = str(path.parent) if path.parent.parts else None
        with _reaching(run.info.artifact_uri):
            ledger.client.log_artifact(run.info.run_id, str(Path(temporary) / path.name), parent)


def put_model(ledger: Ledger, model: LoggedModel, folder: Path) -> None:
    """Store the files of a submission as those of a logged model; existing ones are replaced."""
    if not ledger.own or ledger.artifacts is None or not _of_a_home(model.artifact_location):
        with _reaching(model.artifact_location):
            ledger.client.log_model_artifacts(model.model_id, str(folder))
        return
    own = ledger.artifacts / "models" / model.model_id / "artifacts"
    shutil.copytree(folder, own, dirs_exist_ok=True)


def fetcher(ledger: Ledger, run: Run) -> Fetch:
    """Return a function that reads the artifacts of a run."""
    folder = _own_folder(ledger, run)

    def read_own(name: str) -> bytes | None:
        assert folder is not None
        return (folder / name).read_bytes() if (folder / name).is_file() else None

    def download(name: str) -> bytes | None:
        parent = str(Path(name).parent)
        with _reaching(run.info.artifact_uri), tempfile.TemporaryDirectory() as temporary:
            listed = ledger.client.list_artifacts(run.info.run_id, None if parent == "." else parent)
            if name not in {item.path for item in listed}:
                return None
            return Path(ledger.client.download_artifacts(run.info.run_id, name, temporary)).read_bytes()

    return download if folder is None else read_own


def names(ledger: Ledger, run: Run, inside: str | None = None) -> Iterator[str]:
    """List the paths of all artifacts of a run."""
    folder = _own_folder(ledger, run)
    if folder is not None:
        yield from (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        return
    with _reaching(run.info.artifact_uri):
        listed = ledger.client.list_artifacts(run.info.run_id, inside)
    for item in listed:
        if item.is_dir:
            yield from names(ledger, run, item.path)
        else:
            yield item.path


def address(ledger: Ledger, run: Run) -> str:
    """Say where the artifacts of a run are, for messages."""
    return str(_own_folder(ledger, run) or without_secrets(run.info.artifact_uri))


@contextmanager
def _reaching(address: str) -> Iterator[None]:
    """Raise ArtifactsError, which names the store, for what its library raises: each has its own errors."""
    try:
        yield
    except ServerError:  # a tracking server's answer, after which logging tries again
        raise
    except Exception as error:
        reason = " ".join(without_secrets(str(error)).split())[:200]
        where = without_secrets(address)
        raise ArtifactsError(f"the artifacts in {where} cannot be reached: {reason}") from error


def _own_folder(ledger: Ledger, run: Run) -> Path | None:
    """The folder of a run in the home's own store; None where MLflow has to be asked.

    The stored address is absolute and names the folder in which the home was when the run was made.
    """
    if not ledger.own or ledger.artifacts is None:
        return None
    if not _of_a_home(run.info.artifact_uri):
        return None
    return ledger.artifacts / str(run.info.run_id) / "artifacts"


def _of_a_home(address: str) -> bool:
    """Whether an address lies in the folder in which homes keep artifacts."""
    parts = urlsplit(address)
    return parts.scheme in {"", "file"} and "/ledger/artifacts/" in parts.path
