"""What people write beside a record: a note, tags, and whether it is archived; kept as tags of its run."""

from __future__ import annotations

from collections.abc import Iterator

from harness.record import Record
from harness.spec.errors import UserError
from leaderboards.boards.annotation import Annotation
from leaderboards.store.ledger.store import (
    COMPLETE,
    Ledger,
    Run,
    experiment_name,
    experiments,
    runs_with,
)

_NOTE = "mlflow.note.content"
"""MLflow's own pages show it as the description of the run."""
_TAG = "photofinish.tag."
_ARCHIVED = "photofinish.archived"


def in_run(run: Run) -> Annotation:
    """Read what stands in a run."""
    tags = run.data.tags
    names = sorted(key.removeprefix(_TAG) for key in tags if key.startswith(_TAG))
    return Annotation(tags.get(_NOTE, ""), tuple(names), _ARCHIVED in tags)


def _fields(annotation: Annotation) -> dict[str, str]:
    """Return the tags of a run that hold an annotation; none for what is empty."""
    fields = {f"{_TAG}{name}": "yes" for name in annotation.tags}
    if annotation.note:
        fields[_NOTE] = annotation.note
    if annotation.archived:
        fields[_ARCHIVED] = "yes"
    return fields


def annotation_of(ledger: Ledger, record: Record) -> Annotation:
    """Read what was written beside a record. Raises UserError where the ledger does not hold it."""
    return in_run(next(_runs_of(ledger, record)))


def annotate(ledger: Ledger, record: Record, new: Annotation) -> None:
    """Replace what was written beside a record. Raises UserError where the ledger does not hold it."""
    for run in _runs_of(ledger, record):
        before, after = _fields(in_run(run)), _fields(new)
        for key in before.keys() - after.keys():
            ledger.client.delete_tag(run.info.run_id, key)
        for key, text in after.items():
            if before.get(key) != text:
                ledger.client.set_tag(run.info.run_id, key, text)


def all_annotations(ledger: Ledger) -> dict[str, Annotation]:
    """Return what was written beside every record of the ledger, by the record's id."""
    ids = [experiment.experiment_id for experiment in experiments(ledger)]
    return {run.data.tags[COMPLETE]: in_run(run) for run in runs_with(ledger.client, ids, COMPLETE)}


def _runs_of(ledger: Ledger, record: Record) -> Iterator[Run]:
    experiment = ledger.client.get_experiment_by_name(experiment_name(record.task))
    ids = [experiment.experiment_id] if experiment is not None else []
    runs = list(runs_with(ledger.client, ids, COMPLETE, record.id))
    if not runs:
        raise UserError(f"record {record.id} is not in the ledger; 'boards rebuild' publishes it")
    yield from runs
