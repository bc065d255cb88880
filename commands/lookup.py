"""From what was typed to the task's data, the submission or the record that is meant."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from commands.home import places
from commands.terminal import complain
from harness.spec.errors import UnknownName, UserError

if TYPE_CHECKING:
    from harness.record import Record
    from harness.spec import Prepared, Progress, Query, Scenario, Submission, Task


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


def prepare(task: Task, variant: str, source: Path | None, seed: int, progress: Progress) -> Prepared:
    """Make the data ready; a folder of one's own is the variant ``full`` where there is one."""
    from harness.spec import DataRequest

    chosen = variant or ("full" if source and "full" in task.dataset.variants else "")
    return task.dataset.prepare(DataRequest(variant_of(task, chosen), places().data, source, seed, progress))


def sealed_name(task: Task, variant: str) -> str:
    """Name a task's data as the keys of sealed data do."""
    return f"{task.dataset.name}-{variant_of(task, variant)}"


def entry_of(task: Task, name: str, team: str, progress: Progress) -> Submission:
    """Find a submission; a shipped one belongs to the team of the shipped entries unless another is given."""
    from harness.intake.lookup import find_submission, shipped_names
    from leaderboards.boards.records import SHIPPED

    refuse_shipped_team(team)
    team = team or (SHIPPED if name in shipped_names(task) else "")
    return find_submission(task, name, places(), team, progress)


def refuse_shipped_team(team: str) -> None:
    """Raise UserError where a team is named as the one that shipped entries belong to."""
    from leaderboards.boards.names import skeleton
    from leaderboards.boards.records import SHIPPED

    letters = skeleton(team).translate(str.maketrans("01", "oi"))
    if "".join(filter(str.isalpha, letters)) == SHIPPED:
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


def record_of(prefix: str) -> Record | None:
    """The record whose id begins so, or None.

    Raises UserError where there are several, UnreadableRecord where it cannot be read.
    """
    from harness.record import read_record

    fitting = [folder for name, folder in record_folders().items() if name.startswith(prefix)]
    if len(fitting) > 1:
        raise UserError(f"{len(fitting)} records begin with '{prefix}'; give more digits")
    return read_record(fitting[0]) if fitting else None


def same_data(task: Task, record: Record, source: Path | None, progress: Progress) -> Sequence[Query]:
    """The queries that a record was asked. Raises UserError where the data here are others."""
    from harness.intake.sealing import known_key

    key = None if source else known_key(places().data, sealed_name(task, record.data.variant))
    if key is not None:
        prepared = prepare(task, record.data.variant, source, key, progress)
        if prepared.sha256 == record.data.sha256:
            return task.queries(prepared)
    prepared = prepare(task, record.data.variant, source, record.seed, progress)
    if prepared.sha256 != record.data.sha256:
        raise UserError(
            f"the {prepared.name} {prepared.variant} data here are {prepared.sha256[:8]}, those of record "
            f"{record.id} were {record.data.sha256[:8]}; give the folder they came from with --from"
        )
    return task.queries(prepared)
