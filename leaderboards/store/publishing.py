"""From a record's folder to its place on a board: first the ledger, then the index.

The ledger is imported where it is needed: MLflow takes seconds, and reading a board needs none of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import sqlalchemy as sa

from harness.files import read_given, write_whole
from harness.record import Record, read_record, read_records
from harness.spec import Progress, no_progress
from harness.spec.errors import UnreadableRecord
from leaderboards.boards.annotation import Annotation
from leaderboards.boards.closing import Final, from_json, to_json
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.ranking import BootstrapDraws
from leaderboards.store import index

if TYPE_CHECKING:
    from leaderboards.store.ledger import Ledger, SpecOf

_BOOTSTRAP = "bootstrap.npz"


@dataclass(frozen=True)
class Leftovers:
    """Record folders that were logged late, and those that cannot be published, with a message each."""

    logged: tuple[Path, ...]
    unreadable: Mapping[Path, str]


@dataclass(frozen=True)
class Rebuilt:
    """How many records are on boards again, and which are not.

    ``left_out`` are ids of records whose task is described nowhere; ``unreadable`` are messages that
    name what could not be read, and why.
    """

    records: int
    left_out: tuple[str, ...]
    unreadable: tuple[str, ...]


def publish(home: Path, folder: Path, spec: BoardSpec) -> str:
    """Log the record in ``folder``, rank it on its board, and return the id of its MLflow run."""
    from leaderboards.store import ledger

    with ledger.explained(home):
        run_id = ledger.log(ledger.open_ledger(home), folder, spec)
    engine = _up_to_date_index(home)
    index.add(engine, _candidate(folder, read_record(folder), spec))
    return run_id


def _up_to_date_index(home: Path) -> sa.Engine:
    """Open the index; build it again from the ledger where an older version filled it by other rules."""
    engine = index.open_index(home)
    if index.outdated(engine):
        from leaderboards.store import ledger

        with ledger.explained(home):
            _fill(engine, ledger.open_ledger(home), no_progress)
    return engine


def mend(home: Path, spec_of: SpecOf, *, whole_ledger: bool = False) -> Leftovers:
    """Publish what killed runs left unpublished; records that cannot be read are named and skipped.

    ``whole_ledger`` looks for records that are on boards and not in the ledger, too. ``spec_of`` says how a
    record's board is ranked; the ledger is asked where it does not know the task.
    """
    engine = _up_to_date_index(home)
    stored = read_records(home / "records")
    missing = index.missing(engine, list(stored.records))
    if not missing and not whole_ledger:
        return Leftovers((), stored.unreadable)
    from leaderboards.store import ledger

    with ledger.explained(home):
        opened = ledger.open_ledger(home)
        mended = ledger.mend(opened, home / "records", spec_of)
    unreadable = {**stored.unreadable, **mended.unreadable}
    for record in (stored.records[name] for name in missing):
        folder = home / "records" / record.id
        spec = spec_of(record) or ledger.known_spec(opened, record)
        if spec is not None and folder not in unreadable:
            try:
                index.add(engine, _candidate(folder, record, spec))
            except (UnreadableRecord, ValueError) as error:
                unreadable[folder] = str(error)
    return Leftovers(mended.logged, unreadable)


def rebuild(home: Path, engine: sa.Engine, progress: Progress = no_progress) -> Rebuilt:
    """Fill the index and the closed boards from MLflow alone; what cannot be read is named and skipped."""
    from leaderboards.store import ledger

    with ledger.explained(home):
        opened = ledger.open_ledger(home)
        rebuilt = _fill(engine, opened, progress)
        unreadable = list(rebuilt.unreadable)
        for board_id, text in ledger.finals(opened, unreadable.append).items():
            _keep_final(home, board_id, text)
    return replace(rebuilt, unreadable=tuple(unreadable))


def _fill(engine: sa.Engine, opened: Ledger, progress: Progress) -> Rebuilt:
    """Empty the index and fill it anew from the ledger."""
    from leaderboards.store import ledger

    left_out: list[str] = []
    archived: list[str] = []
    unreadable: list[str] = []

    def candidates() -> Iterator[index.Candidate]:
        for number, entry in enumerate(ledger.records(opened, unreadable.append), start=1):
            progress("reading the ledger", number, 0)
            if entry.archived:
                archived.append(entry.record.id)
                continue
            if entry.spec is None:
                left_out.append(entry.record.id)
                continue
            try:
                draws = _draws(entry.fetch(_BOOTSTRAP), entry.spec, entry.where)
            except UnreadableRecord as error:
                unreadable.append(str(error))
            else:
                yield index.Candidate(entry.record, entry.spec, draws)

    count = index.rebuild(engine, candidates(), archived)
    return Rebuilt(count, tuple(left_out), tuple(unreadable))


def fetched(home: Path, record_id: str) -> Path | None:
    """Return a copy of a record's public files out of the ledger; None where the ledger has no such record.

    Copies are kept in the folder ``fetched`` of the home, which may be removed at any time. Raises UserError
    where the store cannot be reached, UnreadableRecord where a file is not the one that was logged.
    """
    from leaderboards.store import ledger

    folder = home / "fetched" / record_id
    if not folder.is_dir():
        with ledger.explained(home):
            if not ledger.fetch(ledger.open_ledger(home), record_id, folder):
                return None
    return folder


def annotate(
    home: Path,
    records: Sequence[Record],
    change: Callable[[Annotation], Annotation],
    progress: Progress = no_progress,
) -> None:
    """Change what stands beside records; boards are built again where one was archived or restored.

    Raises UserError where the ledger does not hold one of them: then none is changed.
    """
    from leaderboards.store import ledger

    with ledger.explained(home):
        opened = ledger.open_ledger(home)
        before = [ledger.annotation_of(opened, record) for record in records]
        after = [change(annotation) for annotation in before]
        for record, annotation in zip(records, after, strict=True):
            ledger.annotate(opened, record, annotation)
        if [each.archived for each in before] != [each.archived for each in after]:
            _fill(index.open_index(home), opened, progress)


def all_annotations(home: Path) -> dict[str, Annotation]:
    """Return what stands beside the records of the ledger, by the record's id."""
    from leaderboards.store import ledger

    with ledger.explained(home):
        return ledger.all_annotations(ledger.open_ledger(home))


def publish_final(home: Path, final: Final) -> None:
    """Log how a board was closed, and keep it where ``read_final`` finds it."""
    from leaderboards.store import ledger

    text = to_json(final)
    with ledger.explained(home):
        ledger.log_final(ledger.open_ledger(home), final.public.key.task, final.public.key.id, text)
    _keep_final(home, final.public.key.id, text)


def read_final(home: Path, key: BoardKey) -> Final | None:
    """How a board was closed; None while it is open. Raises UnreadableRecord where its file is damaged."""
    path = _final_path(home, key.id)
    if not path.exists():  # closed before there were classes of hardware
        path = _final_path(home, key.any_hardware.id)
    try:
        return from_json(read_given(path)) if path.exists() else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UnreadableRecord(
            f"{path}: this is not a closed board that can be read: {error}; move it away, and 'boards "
            "rebuild' fetches it from MLflow"
        ) from error


def _final_path(home: Path, board_id: str) -> Path:
    return home / "closed" / f"{board_id}.json"


def _keep_final(home: Path, board_id: str, text: str) -> None:
    path = _final_path(home, board_id)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, text.encode())


def _candidate(folder: Path, record: Record, spec: BoardSpec) -> index.Candidate:
    bootstrap = folder / _BOOTSTRAP
    archive = bootstrap.read_bytes() if bootstrap.exists() else None
    return index.Candidate(record, spec, _draws(archive, spec, str(folder)))


def _draws(archive: bytes | None, spec: BoardSpec, where: str) -> BootstrapDraws | None:
    """Read the draws of the metric that ranks. Raises UnreadableRecord where the file is damaged."""
    try:
        return BootstrapDraws.of(archive, spec.metric.name)
    except (ValueError, LookupError, OSError, EOFError, BadZipFile) as error:
        raise UnreadableRecord(f"{where}/{_BOOTSTRAP}: {error}") from error
