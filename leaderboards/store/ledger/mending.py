"""What a killed process left half done in the ledger is completed, or removed where its record is gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.record import read_record, record_folders
from harness.spec.errors import UnreadableRecord
from leaderboards.store.ledger.lock import exclusive
from leaderboards.store.ledger.store import COMPLETE, RECORD, Ledger, Run, experiments, runs_with
from leaderboards.store.ledger.writing import SpecOf, log


@dataclass(frozen=True)
class Mended:
    """Record folders that were logged, and those that could not be, with a message each."""

    logged: tuple[Path, ...]
    unreadable: Mapping[Path, str]


def mend(ledger: Ledger, records_folder: Path, spec_of: SpecOf = lambda _: None) -> Mended:
    """Log every record folder that the ledger lacks or holds by half.

    Runs that are half there and have no folder are removed from the home's own store. In a store that others
    use they are left alone: another process may be writing them.
    """
    done = _complete(ledger)
    logged: list[Path] = []
    unreadable: dict[Path, str] = {}
    for name, folder in record_folders(records_folder).items():
        if name in done:
            continue
        try:
            log(ledger, folder, spec_of(read_record(folder)))
        except (UnreadableRecord, OSError) as error:
            unreadable[folder] = str(error)
        else:
            logged.append(folder)
    if ledger.own:
        with exclusive(ledger.uri):  # no process writes while the lock is held
            _remove_halves(ledger, records_folder)
    return Mended(tuple(logged), unreadable)


def _remove_halves(ledger: Ledger, records_folder: Path) -> None:
    """Delete the runs that were never completed, but for those whose record is still to be logged."""
    complete = _complete(ledger)
    for run in _runs(ledger, RECORD):
        record_id = run.data.tags[RECORD]
        pending = record_id not in complete and (records_folder / record_id).exists()
        if COMPLETE not in run.data.tags and not pending:
            ledger.client.delete_run(run.info.run_id)


def _complete(ledger: Ledger) -> set[str]:
    return {run.data.tags[COMPLETE] for run in _runs(ledger, COMPLETE)}


def _runs(ledger: Ledger, tag: str) -> Iterator[Run]:
    return runs_with(ledger.client, [experiment.experiment_id for experiment in experiments(ledger)], tag)
