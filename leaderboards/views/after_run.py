"""What a person wants to know after a run: which record, its rank and why, and what to do next."""

from __future__ import annotations

from pathlib import Path

from harness.record import Record
from leaderboards import PAGES
from leaderboards.boards.board import Board
from leaderboards.boards.names import plain
from leaderboards.boards.rows import Row

_NAMED = 3


def after_run(
    record: Record, folder: Path, board: Board, task: str, options: str = ""
) -> list[tuple[str, str]]:
    """Return titles and texts, in order.

    ``task`` is what was typed for the task, and ``options`` what chose profile and data, each after a space.
    """
    lines = [("record", record.id), ("rank", rank_text(record, board))]
    lines += [(record.validity.state, plain(reason, 400)) for reason in record.validity.reasons]
    lines += [
        ("page", f"{PAGES}/records/{record.id} ('photofinish serve' shows it)"),
        ("log", str(folder / "log.txt")),
        ("next", f"photofinish show {record.id[:8]}"),
        ("", f"photofinish show {record.id[:8]} --worst 12{_file(task)}   lists what it got most wrong"),
        ("", f"photofinish run {task} {record.id[:8]}{options}   runs the same files again"),
    ]
    best = next((row for row in board.rows if row.rank is not None and row.record != record.id), None)
    if best is not None and record.status == "ok":
        lines.append(("", f"photofinish compare {record.id[:8]} {best.record[:8]} --task {task}"))
    return lines


def rank_text(record: Record, board: Board) -> str:
    """Say which rank the record has on its board, and with whom it shares it or who is ahead."""
    mine = next((row for row in board.rows if row.record == record.id), None)
    if mine is None:
        return "none: the board shows a better record of this team"
    if mine.rank is None:
        return f"none: {plain(mine.state.reason or mine.state.label, 200)}"
    metric = board.spec.metric
    value = f"{metric.title} {mine.cell(metric.name).shown(metric)}"
    ranked = [row for row in board.rows if row.rank is not None]
    text = f"{mine.rank_label} of {len(ranked)} by {value}"
    equal, ahead = _equal_and_ahead(mine, ranked)
    if equal:
        text += f"; no test tells it apart from {_names(equal)}"
    if ahead:
        text += f"; behind {_names(ahead)}"
    return text


def _equal_and_ahead(mine: Row, ranked: list[Row]) -> tuple[list[Row], list[Row]]:
    """Return the rows that share a row's rank, and those that are ahead of it.

    Valid rows are ranked among valid ones. A provisional row is ranked among all, so that its number alone
    does not say which rows share it.
    """
    if mine.provisional:
        return [], [row for row in ranked[: ranked.index(mine)] if (row.rank or 0) < (mine.rank or 0)]
    valid = [row for row in ranked if not row.provisional and row is not mine]
    equal = [row for row in valid if row.rank == mine.rank]
    return equal, [row for row in valid if (row.rank or 0) < (mine.rank or 0)]


def _file(task: str) -> str:
    return f" --task {task}" if task.endswith(".py") else ""


def _names(rows: list[Row]) -> str:
    more = f" and {len(rows) - _NAMED} more" if len(rows) > _NAMED else ""
    return ", ".join(row.entry.name for row in rows[:_NAMED]) + more
