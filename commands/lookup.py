"""From what was typed to the task's data, the submission or the record that is meant."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from commands.home import home, places
from commands.terminal import complain
from harness.spec.errors import UnknownName, UserError

if TYPE_CHECKING:
    from harness.fanning import Fan
    from harness.record import Record
    from harness.spec import Prepared, Progress, Scenario, Submission, Task

_BEGINS_AN_ID = re.compile("[0-9a-f]{6,}")


def variant_of(task: Task, name: str) -> str:
    """The data variant of that name, the task's first for none."""
    variants = task.dataset.variants
    if name and name not in variants:
        raise UnknownName("data variant", name, variants)
    return name or next(iter(variants))


def scenario_of(task: Task, name: str) -> Scenario:
    """The scenario of that name, the task's own for none."""
    from typing import get_args

    from harness.spec import Scenario

    if name and name not in get_args(Scenario):
        raise UnknownName("scenario", name, get_args(Scenario))
    return cast("Scenario", name or task.execution.scenario)


def prepare(
    task: Task, variant: str, source: Path | None, seed: int, progress: Progress, fan: Fan | None = None
) -> Prepared:
    """Make the data ready; a folder of one's own is the variant ``full`` where there is one.

    ``fan`` computes what takes long to generate; by default processes do.
    """
    from harness.fanning import fanned
    from harness.spec import DataRequest

    chosen = variant_of(task, variant or ("full" if source and "full" in task.dataset.variants else ""))
    return task.dataset.prepare(DataRequest(chosen, places().data, source, seed, progress, fan or fanned))


def data_options(variant: str, source: Path | None) -> str:
    """Return the options that choose these data, as they are typed after a command."""
    options = [f" --data {variant}" if variant else "", f" --from {source}" if source else ""]
    return "".join(options)


def sealed_name(task: Task, variant: str) -> str:
    """Name a task's data as the keys of sealed data do."""
    return f"{task.dataset.name}-{variant_of(task, variant)}"


def entry_of(task: Task, name: str, team: str, progress: Progress) -> Submission:
    """Find a submission by path, by the name of a shipped entry, or by a record whose submission was kept.

    A shipped one belongs to the team of the shipped entries unless another is given.
    """
    from harness.intake.lookup import find_submission, shipped_names
    from leaderboards.boards.records import SHIPPED

    refuse_shipped_team(team)
    team = team or (SHIPPED if name in shipped_names(task) else "")
    try:
        return find_submission(task, name, places(), team, progress)
    except UnknownName:
        record = record_of(name)
        if record is None:
            raise
        return _kept_submission(task, record, team, progress)


def _kept_submission(task: Task, record: Record, team: str, progress: Progress) -> Submission:
    """Find the very bytes that a record was made with. Raises UserError where they are not here."""
    from harness.intake.kept import kept_path
    from harness.intake.lookup import find_at

    if record.task != task.name:
        raise UserError(f"record {record.id} is of task {record.task}, not of {task.name}")
    path, wanted = kept_path(places().kept, record.submission.sha256), record.submission
    found = find_at(path, task.execution.limits, places(), team or wanted.team, progress) if path else None
    if found is None or found.sha256 != wanted.sha256:
        state = "were not kept" if found is None else f"were changed in {path}"
        raise UserError(f"the files of record {record.id} {state}; give the path of '{wanted.name}'")
    return replace(found, name=wanted.name)


def refuse_shipped_team(team: str) -> None:
    """Raise UserError where a team is named as the one that shipped entries belong to."""
    from leaderboards.boards.names import read_as
    from leaderboards.boards.records import SHIPPED

    if SHIPPED in read_as(team):
        raise UserError(f"the team '{SHIPPED}' is that of the shipped entries; choose another name")


def record_folders() -> dict[str, Path]:
    """Where each record of this home lies, by its id."""
    from harness.record import record_folders as folders

    return folders(places().records)


def kept_records() -> dict[str, Record]:
    """Every record of this home by its id; what cannot be read is named on standard error and left out."""
    from harness.record import read_records

    stored = read_records(places().records)
    for message in stored.unreadable.values():
        complain(f"skipped {message}")
    return dict(stored.records)


def record_of(name: str) -> Record | None:
    """The record whose id begins so, the latest one of an entry of that name, or for ``latest`` of all.

    None where there is none. Raises UserError where several ids begin so, UnreadableRecord where the record
    cannot be read.
    """
    record = record_by_id(name)
    if record is not None:
        return record
    fitting = [record for record in kept_records().values() if name in {"latest", record.submission.name}]
    return max(fitting, key=lambda record: record.started, default=None)


def record_by_id(prefix: str) -> Record | None:
    """The record whose id begins so, of this home or else of the boards; None where there is none.

    One of the boards is fetched from the store of artifacts. Raises as ``record_of`` does.
    """
    from harness.record import read_record

    here = [name for name in record_folders() if name.startswith(prefix)]
    fitting = here or _published(prefix)
    if len(fitting) > 1:
        raise UserError(f"{len(fitting)} records begin with '{prefix}'; give more digits")
    return read_record(folder_of(fitting[0])) if fitting else None


def folder_of(record_id: str) -> Path:
    """Return the folder of a record of this home, or a copy of one of the boards.

    Raises UserError where the store of artifacts does not give it, UnreadableRecord where it was changed.
    """
    folder = places().records / record_id
    if (folder / "record.json").is_file():
        return folder
    from leaderboards.store.publishing import fetched

    copy = fetched(home(), record_id)
    if copy is None:
        raise UserError(
            f"record {record_id} is on a board, and neither this home nor the ledger has its files"
        )
    return copy


def _published(prefix: str) -> list[str]:
    """The ids of records on boards that begin so; an entry's name is taken for none."""
    from leaderboards.store import index

    if not _BEGINS_AN_ID.fullmatch(prefix) or not index.exists(home()):
        return []
    return index.beginning(index.open_index(home()), prefix)


def compared_record(task: Task, name: str) -> Record | None:
    """The record that is meant beside a submission: an entry's name and a path mean the submission itself."""
    from harness.intake.lookup import named_entries

    record = record_by_id(name)
    if record is None and name not in named_entries(task) and not Path(name).exists():
        return record_of(name)
    return record


def same_data(task: Task, record: Record, source: Path | None, progress: Progress) -> Prepared:
    """The data of a record. Raises UserError where the data here are others."""
    from harness.intake.sealing import known_key

    key = None if source else known_key(places().data, sealed_name(task, record.data.variant))
    if key is not None:
        prepared = prepare(task, record.data.variant, source, key, progress)
        if prepared.sha256 == record.data.sha256:
            return prepared
    prepared = prepare(task, record.data.variant, source, record.seed, progress)
    if prepared.sha256 != record.data.sha256:
        raise UserError(
            f"the {prepared.name} {prepared.variant} data here are {prepared.sha256[:8]}, those of record "
            f"{record.id} were {record.data.sha256[:8]}; give the folder they came from with --from"
        )
    return prepared
