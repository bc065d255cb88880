"""Commands that keep boards: rebuild, close, rescore."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from commands.boards import board_of, publish_leftovers, publish_record, show_rank_changes, whole_board
from commands.fans import Machines, fan_at
from commands.home import check_home, home, places
from commands.lookup import kept_records, variant_of
from commands.options import ProfileName, ScenarioName, Source, TaskName, Variant
from commands.scoring_again import rescored, stored_answers
from commands.terminal import complain, progress_bars
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from harness.fanning import Fan
    from harness.record import Record
    from harness.scoring.stored import StoredAnswers
    from harness.spec import Progress, Task
    from leaderboards.boards.closing import PrivateScores


def rebuild() -> None:
    """Publish what interrupted runs left, then build the index of all boards again from MLflow alone.

    Example: photofinish boards rebuild
    """
    from leaderboards.store import database, index, publishing

    check_home()
    aside = database.move_damaged(home())
    if aside is not None:
        complain(f"the index was damaged; it was moved to {aside} and is made again")
    publish_leftovers(whole_ledger=True)
    engine = index.open_index(home())
    with progress_bars() as progress:
        rebuilt = publishing.rebuild(home(), engine, progress)
    boards = len(index.listings(engine))
    print(f"{_counted(rebuilt.records, 'record')} on {_counted(boards, 'board')}")
    for message in rebuilt.unreadable:
        complain(f"skipped {message}")
    if rebuilt.left_out:
        complain(
            f"{_counted(len(rebuilt.left_out), 'record')} left out, because MLflow has no description of "
            f"the task: {_some(rebuilt.left_out)}"
        )


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _some(ids: Sequence[str]) -> str:
    return f"{', '.join(ids[:5])}{' …' if len(ids) > 5 else ''}"


def close(
    task: TaskName,
    profile: ProfileName = "cpu",
    data: Variant = "",
    scenario: ScenarioName = "",
    source: Source = None,
    again: Annotated[
        bool, typer.Option("--again", help="close a board that is closed already once more")
    ] = False,
    ray: Machines = "",
) -> None:
    """End a competition: score the private split, rank by it, and show how ranks changed.

    Example: photofinish boards close cots
    """
    from datetime import UTC, datetime

    from harness.intake.lookup import find_profile, find_task
    from leaderboards.boards import closing
    from leaderboards.store import publishing
    from leaderboards.views.terminal import show_board

    chosen = find_task(task)
    find_profile(chosen, profile.partition("@")[0])
    publish_leftovers()
    public = board_of(chosen, profile, variant_of(chosen, data), scenario, limit=None)
    known = publishing.read_final(home(), public.key)
    if known and not again:
        raise UserError(f"this board was closed on {known.closed[:10]}; see 'board {task} --final'")
    if public.key.version != chosen.version:
        raise UserError(
            f"this board is of version {public.key.version} of {task} and the task here of version "
            f"{chosen.version}; close it with the version of the task that made it"
        )
    ranked = {row.record for row in public.rows if row.rank is not None}
    records = {name: record for name, record in kept_records().items() if name in ranked}
    with fan_at(ray) as fan, progress_bars() as progress:
        stored = stored_answers(task, source, list(records.values()), "private", progress)
        scored = _score_private(chosen, list(records), stored, fan, progress)
        final = closing.close(public, records, scored, datetime.now(UTC).isoformat(timespec="seconds"))
        publishing.publish_final(home(), final)
    show_board(final.private)
    show_rank_changes(final.public, final.private, ("public", "private"))


def _score_private(
    task: Task, records: Sequence[str], stored: Sequence[StoredAnswers], fan: Fan, progress: Progress
) -> dict[str, PrivateScores]:
    """Score the private split by record id; records without an answer to every unit are left out."""
    from leaderboards.boards.closing import PrivateScores
    from leaderboards.boards.spec import BoardSpec
    from leaderboards.ranking import BootstrapDraws

    scored: dict[str, PrivateScores] = {}
    results = rescored(stored, fan, "the private split", progress)
    for record, scores in zip(records, results, strict=True):
        if scores is not None:
            draws = scores.draws.get(BoardSpec.of(task).metric.name)
            kept = None if draws is None else BootstrapDraws(draws, scores.clusters)
            scored[record] = PrivateScores(scores.metrics, kept)
    return scored


def rescore(
    task: TaskName,
    source: Source = None,
    ray: Machines = "",
) -> None:
    """Score the stored answers of older records by the task as it is now, in new records beside them.

    Example: photofinish boards rescore cots
    """
    from harness.intake.lookup import find_task
    from leaderboards.boards.records import row_key
    from leaderboards.boards.spec import BoardKey

    chosen = find_task(task)
    older = [
        record
        for record in kept_records().values()
        if record.task == chosen.name and record.status == "ok" and record.task_version < chosen.version
    ]
    if not older:
        raise UserError(
            f"there is no record of an older version of {chosen.name}; "
            "raise its 'version' when a metric changes"
        )
    newest = max(record.task_version for record in older)
    with fan_at(ray) as fan, progress_bars() as progress:
        old = [record for record in older if record.task_version == newest]
        stored = stored_answers(task, source, old, "public", progress)
        made = _renew(chosen, old, stored, fan, progress)
    pairs = {BoardKey.of(before): BoardKey.of(after) for before, after in made}
    rows = {record.id: row_key(record) for pair in made for record in pair}
    for before, after in pairs.items():
        titles = (f"v{before.version}", f"v{after.version}")
        show_rank_changes(whole_board(before), whole_board(after), titles, lambda id_: rows.get(id_, id_))
    without = sorted({record.id for record in old} - {before.id for before, _ in made})
    if without:
        complain(
            f"{_counted(len(without), 'record')} cannot be rescored, because answers for some public units "
            f"are missing: {_some(without)}"
        )


def _renew(
    task: Task, records: Sequence[Record], stored: Sequence[StoredAnswers], fan: Fan, progress: Progress
) -> list[tuple[Record, Record]]:
    """Rescore and publish; return each record with the new one, except those without all answers."""
    from harness.record import read_record
    from harness.scoring.rescoring import renew

    pairs = []
    for record, one, scores in zip(
        records, stored, rescored(stored, fan, "rescoring", progress), strict=True
    ):
        if scores is not None:
            folder = renew(one.answers.path.parent, scores, task.version, places().records)
            publish_record(folder, task, progress)
            pairs.append((record, read_record(folder)))
    return pairs
