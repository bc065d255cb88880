"""From a record's folder to its place on a board: first the ledger, then the index.

The ledger is imported where it is needed: MLflow takes seconds, and reading a board needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from harness.files import write_whole
from harness.record import read_record
from harness.spec import Progress, no_progress
from leaderboards.boards.closing import Final, from_json, to_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index

if TYPE_CHECKING:
    from leaderboards.store.ledger import Mended, SpecOf

_BOOTSTRAP = "bootstrap.npz"


@dataclass(frozen=True)
class Rebuilt:
    """How many records are on boards again, and ids of those whose task nobody described."""

    records: int
    left_out: tuple[str, ...]


def publish(home: Path, folder: Path, spec: BoardSpec) -> str:
    """Log the record in ``folder``, rank it on its board, and return the id of its MLflow run."""
    from leaderboards.store import ledger

    run_id = ledger.log(ledger.open_ledger(home), folder, spec)
    index.add(index.open_index(home), _candidate(folder, spec))
    return run_id


def mend(home: Path, spec_of: SpecOf) -> Mended | None:
    """Publish what killed runs left unpublished; None where there is nothing of the kind.

    ``spec_of`` says how a record's board is ranked; the ledger is asked where it does not know the task.
    """
    engine = index.open_index(home)
    folders = {path.parent.name: path.parent for path in (home / "records").glob("[!.]*/record.json")}
    missing = index.missing(engine, sorted(folders))
    if not missing:
        return None
    from leaderboards.store import ledger

    opened = ledger.open_ledger(home)
    mended = ledger.mend(opened, home / "records", spec_of)
    for folder in (folders[name] for name in missing):
        if folder not in mended.unreadable:
            record = read_record(folder)
            spec = spec_of(record) or ledger.known_spec(opened, record)
            if spec is not None:
                index.add(engine, _candidate(folder, spec))
    return mended


def rebuild(home: Path, engine: sa.Engine, progress: Progress = no_progress) -> Rebuilt:
    """Drop the index and fill it anew from MLflow alone."""
    from leaderboards.store import ledger

    left_out: list[str] = []

    def candidates() -> Iterator[index.Candidate]:
        for number, entry in enumerate(ledger.records(ledger.open_ledger(home)), start=1):
            progress("reading the ledger", number, 0)
            if entry.spec is None:
                left_out.append(entry.record.id)
            else:
                draws = BootstrapDraws.of(entry.fetch(_BOOTSTRAP), entry.spec.metric.name)
                yield index.Candidate(entry.record, entry.spec, draws)

    count = index.rebuild(engine, candidates())
    for board_id, text in ledger.finals(ledger.open_ledger(home)).items():
        _keep_final(home, board_id, text)
    return Rebuilt(count, tuple(left_out))


def publish_final(home: Path, final: Final) -> None:
    """Log how a board was closed, and keep it where ``read_final`` finds it."""
    from leaderboards.store import ledger

    text = to_json(final)
    ledger.log_final(ledger.open_ledger(home), final.public.key.task, final.public.key.id, text)
    _keep_final(home, final.public.key.id, text)


def read_final(home: Path, key: BoardKey) -> Final | None:
    """How a board was closed; None while it is open."""
    path = _final_path(home, key.id)
    return from_json(path.read_bytes()) if path.exists() else None


def _final_path(home: Path, board_id: str) -> Path:
    return home / "closed" / f"{board_id}.json"


def _keep_final(home: Path, board_id: str, text: str) -> None:
    path = _final_path(home, board_id)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, text.encode())


def _candidate(folder: Path, spec: BoardSpec) -> index.Candidate:
    bootstrap = folder / _BOOTSTRAP
    archive = bootstrap.read_bytes() if bootstrap.exists() else None
    return index.Candidate(read_record(folder), spec, BootstrapDraws.of(archive, spec.metric.name))
