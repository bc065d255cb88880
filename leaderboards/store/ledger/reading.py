"""What the ledger holds, read back from MLflow alone; what cannot be read is named and skipped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.record import Record, parse_record
from harness.spec.errors import UnreadableRecord
from leaderboards.boards.spec import BoardSpec
from leaderboards.store.ledger import artifacts
from leaderboards.store.ledger.annotating import in_run
from leaderboards.store.ledger.artifacts import Fetch
from leaderboards.store.ledger.store import (
    COMPLETE,
    FINAL,
    FINAL_FILE,
    Ledger,
    experiment_name,
    experiments,
    runs_with,
    specs,
)

OnUnreadable = Callable[[str], None]
"""Gets a message that names what could not be read, and why."""


@dataclass(frozen=True)
class Entry:
    """One record as the ledger holds it; ``spec`` is how its board is ranked, where that is known.

    ``where`` is the address of its artifacts, for messages. A record that is ``archived`` is on no board.
    """

    record: Record
    spec: BoardSpec | None
    fetch: Fetch
    where: str
    archived: bool = False


def records(ledger: Ledger, on_unreadable: OnUnreadable = lambda _: None) -> Iterator[Entry]:
    """Read every complete record once, also where it was logged twice."""
    seen: set[str] = set()
    for experiment in experiments(ledger):
        known = specs(experiment)
        for run in runs_with(ledger.client, [experiment.experiment_id], COMPLETE):
            record_id = run.data.tags[COMPLETE]
            if record_id in seen:
                continue
            fetch, where = artifacts.fetcher(ledger, run), artifacts.address(ledger, run)
            try:
                record = parse(fetch("record.json"), record_id)
            except UnreadableRecord as error:
                on_unreadable(f"{where}/record.json: {error}")
                continue
            seen.add(record_id)
            yield Entry(record, known.get(record.task_version), fetch, where, in_run(run).archived)


def parse(data: bytes | None, record_id: str) -> Record:
    """Read a record whose id is known. Raises UnreadableRecord."""
    if data is None:
        raise UnreadableRecord(f"record {record_id} is missing")
    record = parse_record(data)
    if record.id != record_id:
        raise UnreadableRecord(f"record {record_id} was changed after it was logged")
    return record


def known_spec(ledger: Ledger, record: Record) -> BoardSpec | None:
    """What an earlier ``log`` said of the record's task, if one did."""
    experiment = ledger.client.get_experiment_by_name(experiment_name(record.task))
    return specs(experiment).get(record.task_version) if experiment is not None else None


def finals(ledger: Ledger, on_unreadable: OnUnreadable = lambda _: None) -> dict[str, str]:
    """Board id -> how it was closed, as ``log_final`` was told; of several the last counts."""
    ids = [experiment.experiment_id for experiment in experiments(ledger)]
    texts: dict[str, str] = {}
    for run in runs_with(ledger.client, ids, FINAL):  # the latest first
        if run.data.tags[FINAL] in texts:
            continue
        text = artifacts.fetcher(ledger, run)(FINAL_FILE)
        if text is None:
            on_unreadable(f"{artifacts.address(ledger, run)}/{FINAL_FILE}: the file is missing")
        else:
            texts[run.data.tags[FINAL]] = text.decode()
    return texts
