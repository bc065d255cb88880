"""Fetch the files of a record from the store that the ledger names, and check every one by its hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath

from harness.files import new_folder
from harness.spec.errors import UnreadableRecord
from leaderboards.store.ledger import artifacts
from leaderboards.store.ledger.reading import parse
from leaderboards.store.ledger.store import (
    COMPLETE,
    FILES,
    FILES_FILE,
    Ledger,
    Run,
    experiments,
    runs_with,
)


def fetch(ledger: Ledger, record_id: str, folder: Path) -> bool:
    """Put the files of a record into ``folder``, whole or not at all; False where the ledger has none.

    What the ledger keeps is the public part: no file whose name begins with ``private``, and no answers to
    private units. Raises UnreadableRecord where a file is missing or is not the one that was logged.
    """
    found = [each.experiment_id for each in experiments(ledger)]
    run = next(runs_with(ledger.client, found, COMPLETE, record_id), None)
    if run is None:
        return False
    read, where = artifacts.fetcher(ledger, run), artifacts.address(ledger, run)
    with new_folder(folder) as building:
        for name, sha256 in _listed(ledger, run).items():
            data = read(name)
            if data is None:
                raise UnreadableRecord(f"{where}/{name}: the file is missing")
            if sha256 and hashlib.sha256(data).hexdigest() != sha256:
                raise UnreadableRecord(f"{where}/{name}: the file was changed after it was logged")
            if name == "record.json":
                parse(data, record_id)
            (building / name).parent.mkdir(parents=True, exist_ok=True)
            (building / name).write_bytes(data)
    return True


def _listed(ledger: Ledger, run: Run) -> dict[str, str]:
    """Return the hash of each file by its path; empty hashes where an older version logged the run."""
    where, sha256 = artifacts.address(ledger, run), run.data.tags.get(FILES)
    if sha256 is None:
        return dict.fromkeys(artifacts.names(ledger, run), "")
    text = artifacts.fetcher(ledger, run)(FILES_FILE) or b""
    if hashlib.sha256(text).hexdigest() != sha256:
        raise UnreadableRecord(f"{where}/{FILES_FILE}: the list of files is missing or was changed")
    listed: dict[str, str] = json.loads(text)
    for name in listed:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            raise UnreadableRecord(f"{where}/{FILES_FILE}: '{name}' lies outside of the record")
    return listed
