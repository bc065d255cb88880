"""Publish records and read boards for the commands. What only reads creates no file and no table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from commands.home import home
from commands.lookup import record_folders, scenario_of
from commands.terminal import complain
from harness.spec.errors import NotAvailable, UserError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from harness.record import Record
    from harness.spec import Progress, Task
    from leaderboards.boards.board import Board
    from leaderboards.boards.closing import Final
    from leaderboards.boards.spec import BoardKey, BoardSpec


def publish_record(folder: Path, task: Task, progress: Progress) -> None:
    """Log a record in the ledger and rank it on its board."""
    from leaderboards.boards.spec import BoardSpec
    from leaderboards.store.publishing import publish

    progress("logging", 0, 0)
    publish(home(), folder, BoardSpec.of(task))


def publish_leftovers(*, whole_ledger: bool = False) -> None:
    """Publish the records that an interrupted run left unpublished; name those that cannot be read."""
    from harness.intake.lookup import find_task, task_names
    from leaderboards.boards.spec import BoardSpec
    from leaderboards.store.publishing import mend

    def spec_of(record: Record) -> BoardSpec | None:
        if record.task not in task_names():
            return None
        task = find_task(record.task)
        return BoardSpec.of(task) if task.version == record.task_version else None

    for message in mend(home(), spec_of, whole_ledger=whole_ledger).unreadable.values():
        complain(f"skipped {message}")


def open_boards() -> Engine | None:
    """Open the index to read boards from; None where no record was ever published. Creates nothing.

    Says on standard error how many records of this home are not on the boards.
    """
    from leaderboards.store import index

    if home().exists() and not home().is_dir():
        raise NotAvailable(f"the home {home()} is not a folder; PHOTOFINISH_HOME names another folder")
    folders = record_folders()
    engine = index.open_index(home()) if index.exists(home()) else None
    unpublished = len(index.missing(engine, sorted(folders)) if engine else folders)
    if unpublished:
        records = "1 record is" if unpublished == 1 else f"{unpublished:,} records are"
        complain(f"{records} not on the boards; 'boards rebuild' publishes them or says why it cannot")
    return engine


def board_of(
    task: Task, profile: str, variant: str, scenario: str = "", sha256: str = "", limit: int | None = 50
) -> Board:
    """Read the newest board of a task, profile and data variant, of the task's own version if there is one.

    ``sha256`` narrows it to one set of data, and ``profile@CLASS`` to one class of hardware.
    Raises UserError where there is no such board.
    """
    from leaderboards.store import index

    engine = open_boards()
    name, _, hardware = profile.partition("@")
    listings = index.listings(engine, task.name, name, variant) if engine else ()
    if hardware:
        listings = tuple(each for each in listings if each.key.suffix == f"@{hardware}")
    for listing in sorted(listings, key=lambda listing: listing.key.version != task.version):
        if sha256 in {"", listing.key.sha256} and listing.key.scenario == scenario_of(task, scenario):
            board = index.page(engine, listing.key, limit=limit) if engine else None
            if board:
                return board
    raise UserError(
        f"there are no records of {task.name} on profile {profile} with {variant} data; make one with 'run'"
    )


def whole_board(key: BoardKey) -> Board:
    """Read every row of one board. Raises UserError where the index has none."""
    from leaderboards.store import index

    board = index.page(index.open_index(home()), key, limit=None)
    if board is None:
        raise UserError(
            f"there is no board of {key.task} version {key.version}; 'boards rebuild' makes it again"
        )
    return board


def closed_board(key: BoardKey) -> Final:
    """Read the result of closing a board. Raises UserError while it is open."""
    from leaderboards.store.publishing import read_final

    final = read_final(home(), key)
    if final is None:
        raise UserError(f"this board is open; 'boards close {key.task}' scores the private split")
    return final


def show_rank_changes(
    before: Board, after: Board, titles: tuple[str, str], row_name: Callable[[str], str] = str
) -> None:
    """Print how ranks differ between two boards; ``row_name`` maps a record's id to a name both share."""
    from leaderboards.boards.rank_changes import rank_changes
    from leaderboards.views.console import console
    from leaderboards.views.rank_changes import rank_changes_view

    changes = rank_changes(before, after, row_name)
    console().print(rank_changes_view(before, after, changes, titles))


def show_table(task: Task, variant: str, scenario: str, as_markdown: bool) -> None:
    """Print the boards of all profiles side by side, for one variant of a task and its newest data."""
    from leaderboards.boards.profile_table import profile_table
    from leaderboards.store import index
    from leaderboards.views.console import console
    from leaderboards.views.export import profile_table_to_markdown
    from leaderboards.views.profile_table import profile_table_view

    engine, wanted = open_boards(), scenario_of(task, scenario)
    listings = index.listings(engine, task.name, variant=variant) if engine else ()
    keys = [listing.key for listing in listings if listing.key.scenario == wanted]
    if engine is None or not keys:
        raise UserError(f"there are no records of {task.name} with {variant} data; make one with 'run'")
    table = profile_table(index.all_profiles(engine, keys[0]), keys[0])
    if as_markdown:
        print(profile_table_to_markdown(table), end="")
    else:
        console().print(profile_table_view(table))
