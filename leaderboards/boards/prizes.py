"""The prizes of a board, with the numbers that won them."""

from __future__ import annotations

from collections.abc import Mapping

from leaderboards.boards.board import Award, Prize
from leaderboards.boards.columns import Column
from leaderboards.boards.rows import Row
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import Winners

AWARD_MARKS: Mapping[Award, str] = {"accuracy": "★", "performance": "▲"}
_QUANTITY = Column("", "", "any", "min")


def award(winners: Winners, rows: Mapping[str, Row], spec: BoardSpec) -> tuple[Prize, ...]:
    """List the prizes, accuracy first; ``rows`` holds the row of every winner by its record's id."""
    won: Mapping[Award, tuple[str, ...]] = {
        "accuracy": winners.accuracy,
        "performance": winners.performance,
    }
    return tuple(_prize(name, rows[record], spec) for name, records in won.items() for record in records)


def _prize(name: Award, row: Row, spec: BoardSpec) -> Prize:
    return Prize(name, row.record, row.entry.name, row.provisional, _detail(name, row, spec))


def _detail(name: Award, row: Row, spec: BoardSpec) -> str:
    """Say what won the prize: the score, or the time and the memory."""
    if name == "accuracy":
        return f"{spec.metric.title} {row.cell(spec.metric.name).shown(spec.metric)}"
    ratio, memory = (row.cell(column).value for column in ("latency_ratio", "memory_peak_mb"))
    among = f"among those shown to be as good as the best in {spec.metric.title}"
    if spec.prize.share:
        among += f" and the first {spec.prize.share:.0%}"
    return f"{_QUANTITY.shown(ratio)} × the reference's time, {_QUANTITY.shown(memory)} MB, {among}"
