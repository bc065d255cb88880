"""Commands that keep records: list, note, tag, archive. What they write stands in the ledger."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from commands.boards import publish_leftovers
from commands.home import check_home, home
from commands.lookup import kept_records, record_of
from commands.terminal import progress_bars
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from harness.record import Record
    from leaderboards.boards.annotation import Annotation

Named = Annotated[str, typer.Argument(metavar="RECORD", help="an id's first digits, an entry or 'latest'")]
_TAG = re.compile(r"[\w.-]{1,50}")
_NOTE_LENGTH = 2_000


def listing(
    task: Annotated[str, typer.Argument(metavar="TASK", help="only those of this task")] = "",
    tag: Annotated[str, typer.Option(metavar="NAME", help="only those with this tag")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="only those that are archived")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print them as JSON")] = False,
) -> None:
    """List the records of this home, the latest first, with their tags and notes.

    Example: photofinish records list cots --tag paper
    """
    from leaderboards.views.console import console
    from leaderboards.views.records import as_values, records_view

    written = _annotations()
    found = [
        (record, annotation)
        for record in sorted(kept_records().values(), key=lambda record: record.started, reverse=True)
        for annotation in [written(record)]
        if task in {"", record.task} and annotation.archived == archived
        if not tag or tag in annotation.tags
    ]
    if as_json:
        print(json.dumps(as_values(found), indent=1))
    else:
        console().print(records_view(found))


def _annotations() -> Callable[[Record], Annotation]:
    """Return what reads the annotation of a record; without a ledger all are empty."""
    from leaderboards.boards.annotation import Annotation
    from leaderboards.store.publishing import all_annotations

    there = "MLFLOW_TRACKING_URI" in os.environ or (home() / "ledger" / "mlflow.db").exists()
    known = all_annotations(home()) if there else {}
    return lambda record: known.get(record.id, Annotation())


def note(
    record: Named,
    text: Annotated[str, typer.Argument(help="the note; an empty one removes it")],
) -> None:
    """Write a note beside a record; it replaces the one before.

    Example: photofinish records note latest "smaller input, same weights"
    """
    if len(text) > _NOTE_LENGTH:
        raise UserError(f"the note has {len(text):,} characters; at most {_NOTE_LENGTH:,} are kept")
    _change(record, lambda before: replace(before, note=text.strip()))


def tag(
    record: Named,
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="letters, digits, '_', '-' and '.'")],
    remove: Annotated[bool, typer.Option("--remove", help="remove them instead")] = False,
) -> None:
    """Add tags to a record, to find it again with 'records list --tag NAME'.

    Example: photofinish records tag 1f3a paper ablation
    """
    for name in names:
        if not _TAG.fullmatch(name):
            raise UserError(f"'{name}' is no tag: write at most 50 letters, digits, '_', '-' and '.'")

    def changed(before: Annotation) -> Annotation:
        tags = {*before.tags} - {*names} if remove else {*before.tags, *names}
        return replace(before, tags=tuple(sorted(tags)))

    _change(record, changed)


def archive(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="RECORD...", help="ids' first digits, entries or 'latest'")
    ] = None,
    failed: Annotated[
        str, typer.Option(metavar="TASK", help="also every record of this task that failed or is invalid")
    ] = "",
    restore: Annotated[bool, typer.Option("--restore", help="put them back on their boards")] = False,
) -> None:
    """Take records off their boards; they stay in the ledger and can be restored.

    Example: photofinish records archive --failed cots
    """
    check_home()
    chosen = {record.id: record for record in [*_chosen(names or ()), *_failed(failed)]}
    if not chosen:
        raise UserError(
            f"no record of '{failed}' failed or is invalid"
            if failed
            else "name a record, or a task with --failed"
        )
    _annotate(list(chosen.values()), lambda before: replace(before, archived=not restore))
    counted = "1 record" if len(chosen) == 1 else f"{len(chosen):,} records"
    print(f"{counted} {'put back on the boards' if restore else 'taken off the boards'}")


def _failed(task: str) -> Iterator[Record]:
    for record in kept_records().values() if task else ():
        if record.task == task and (record.status != "ok" or record.validity.state == "invalid"):
            yield record


def _chosen(names: Sequence[str]) -> list[Record]:
    return [_record(name) for name in names]


def _record(name: str) -> Record:
    record = record_of(name)
    if record is None:
        raise UserError(f"there is no record '{name}'; 'records list' shows those there are")
    return record


def _change(name: str, change: Callable[[Annotation], Annotation]) -> None:
    check_home()
    record = _record(name)
    _annotate([record], change)
    print(f"{record.id} ({record.submission.name})")


def _annotate(records: Sequence[Record], change: Callable[[Annotation], Annotation]) -> None:
    from leaderboards.store.publishing import annotate

    publish_leftovers()
    with progress_bars() as progress:
        annotate(home(), records, change, progress)
