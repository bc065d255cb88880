"""Boards as the commands reach them: published to, mended, found and printed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from commands.lookup import scenario_of
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from harness.record import Record
    from harness.spec import Progress, Task
    from leaderboards.boards.board import Board
    from leaderboards.boards.closing import Final
    from leaderboards.boards.spec import BoardKey, BoardSpec


def publish_record(folder: Path, task: Task, progress: Progress) -> None:
    """Log a record in the ledger and rank it on its board."""
    from harness.session.worker import home
    from leaderboards.boards.spec import BoardSpec
    from leaderboards.store.publishing import publish

    progress("logging", 0, 0)
    publish(home(), folder, BoardSpec.of(task))


def publish_leftovers() -> None:
    """Publish what a killed run left unpublished."""
    from harness.intake.lookup import find_task, task_names
    from harness.session.worker import home
    from leaderboards.boards.spec import BoardSpec
    from leaderboards.store.publishing import mend

    def spec_of(record: Record) -> BoardSpec | None:
        if record.task not in task_names():
            return None
        found = find_task(record.task)
        return BoardSpec.of(found) if found.version == record.task_version else None

    mend(home(), spec_of)


def board_of(
    task: Task, profile: str, variant: str, scenario: str = "", sha256: str = "", limit: int | None = 50
) -> Board:
    """The newest board of a task, profile and data variant, of the task's own version if there is one.

    Raises UserError where there is none.
    """
    from harness.session.worker import home
    from leaderboards.store import index

    publish_leftovers()
    engine = index.open_index(home())
    listings = index.listings(engine, task.name, profile, variant)
    for listing in sorted(listings, key=lambda listing: listing.key.version != task.version):
        if sha256 in {"", listing.key.sha256} and listing.key.scenario == scenario_of(task, scenario):
            found = index.page(engine, listing.key, limit=limit)
            if found:
                return found
    raise UserError(f"no records of {task.name} on {profile} and {variant} data yet; make one with 'run'")


def whole_board(key: BoardKey) -> Board:
    """Every row of one board. Raises UserError where the index has none."""
    from harness.session.worker import home
    from leaderboards.store import index

    found = index.page(index.open_index(home()), key, limit=None)
    if found is None:
        raise UserError(
            f"there is no board of {key.task} version {key.version}; 'boards rebuild' makes it anew"
        )
    return found


def closed_board(key: BoardKey) -> Final:
    """What the close of a board left behind. Raises UserError while it is open."""
    from harness.session.worker import home
    from leaderboards.store.publishing import read_final

    found = read_final(home(), key)
    if found is None:
        raise UserError(f"this board is open; 'boards close {key.task}' scores the private split")
    return found


def show_rank_changes(
    before: Board, after: Board, titles: tuple[str, str], row_name: Callable[[str], str] = str
) -> None:
    """Print how ranks differ between two boards; ``row_name`` maps a record's id to a name both share."""
    from rich.console import Console

    from leaderboards.boards.rank_changes import rank_changes
    from leaderboards.views.rank_changes import rank_changes_view

    changes = rank_changes(before, after, row_name)
    Console().print(rank_changes_view(before, after, changes, titles))


def show_table(task: Task, variant: str, scenario: str, as_markdown: bool) -> None:
    """Print all boards of one variant of a task side by side, those of the newest data."""
    from rich.console import Console

    from harness.session.worker import home
    from leaderboards.boards.profile_table import profile_table
    from leaderboards.store import index
    from leaderboards.views.export import profile_table_to_markdown
    from leaderboards.views.profile_table import profile_table_view

    publish_leftovers()
    engine = index.open_index(home())
    wanted = scenario_of(task, scenario)
    keys = [one.key for one in index.listings(engine, task.name, None, variant) if one.key.scenario == wanted]
    if not keys:
        raise UserError(f"no records of {task.name} on {variant} data yet; make one with 'run'")
    table = profile_table(index.all_profiles(engine, keys[0]), keys[0])
    if as_markdown:
        print(profile_table_to_markdown(table), end="")
    else:
        Console().print(profile_table_view(table))
