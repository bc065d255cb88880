"""A column of a board: one metric, how its values are written, and what it means."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.spec import Goal, Metric


@dataclass(frozen=True)
class Column:
    """One metric as a board shows it.

    Values without a unit have ``digits`` decimals; values with one have three significant digits.
    """

    name: str
    title: str
    unit: str
    goal: Goal
    digits: int = 3
    description: str = ""

    @classmethod
    def of(cls, metric: Metric) -> Column:
        """Show a metric that a task declares."""
        return cls(metric.name, metric.title, metric.unit, metric.goal, metric.digits, metric.description)

    def shown(self, value: float | None) -> str:
        """Format a value for people; a dash where there is none."""
        if value is None:
            return "–"
        if not self.unit or value == 0:
            return f"{value:,.{self.digits}f}"
        return f"{value:,.{min(max(2 - math.floor(math.log10(abs(value))), 0), 6)}f}"


MEASURED = (
    Column("latency_p50_ms", "p50", "ms", "min"),
    Column("latency_p90_ms", "p90", "ms", "min"),
    Column("latency_p99_ms", "p99", "ms", "min"),
    Column("latency_ratio", "reference", "×", "min"),
    Column("throughput_qps", "queries", "1/s", "max"),
    Column("memory_peak_mb", "memory", "MB", "min"),
    Column("build_s", "build", "s", "min"),
    Column("size_mb", "size", "MB", "min"),
)
"""What the harness measures of every submission, whatever the task."""
