"""A column of a board: one metric, how its values are written, and what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from harness.record.measured import MEASURED
from harness.spec import Goal, Metric


@dataclass(frozen=True)
class Column:
    """One metric as a board shows it.

    Values without a unit have ``digits`` decimals; values with one have three significant digits. ``axis``
    says whether the page of a board offers it as the horizontal axis. ``bounds`` are the least and the most
    that it can be, None where there is no end.
    """

    name: str
    title: str
    unit: str
    goal: Goal
    digits: int = 3
    description: str = ""
    axis: bool = False
    bounds: tuple[float | None, float | None] = (None, None)

    @classmethod
    def of(cls, metric: Metric, axis: bool = False) -> Column:
        """Show a metric that a task declares."""
        least, most = (end if math.isfinite(end) else None for end in metric.bounds)
        return cls(
            metric.name,
            metric.title,
            metric.unit,
            metric.goal,
            metric.digits,
            metric.description,
            axis,
            (least, most),
        )

    @property
    def range(self) -> tuple[float, float]:
        """The least and the most that a value can be; infinite where there is no end."""
        least, most = self.bounds
        return -math.inf if least is None else least, math.inf if most is None else most

    def shown(self, value: float | None) -> str:
        """Format a value for people; a dash where there is none."""
        if value is None:
            return "–"
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        if not self.unit or value == 0:
            return f"{value:,.{self.digits}f}"
        return f"{value:,.{min(max(2 - math.floor(math.log10(abs(value))), 0), 6)}f}"


COLUMNS = tuple(
    Column(one.name, one.title, one.unit, one.goal, description=one.description)
    for one in MEASURED
    if one.priority is not None
)
"""The columns of every board, whatever the task."""

PRIORITIES: Mapping[str, int] = {one.name: one.priority for one in MEASURED if one.priority is not None}
"""How long a narrow screen keeps each of these columns: those with the smallest number longest."""
