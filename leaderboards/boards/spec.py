"""What a board has to know of a task, and which board a record belongs to."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, astuple, dataclass
from functools import cached_property, lru_cache

from harness.record import Record
from harness.record.latency import UNCALIBRATED_MARGIN
from harness.spec import Goal, Metric, Task


@dataclass(frozen=True)
class Column:
    """One metric as a board shows it: scores with ``digits`` decimals, quantities (with a unit) with three
    significant digits."""

    name: str
    title: str
    unit: str
    goal: Goal
    digits: int = 3

    def shown(self, value: float | None) -> str:
        """The value for people; a dash where there is none."""
        if value is None:
            return "–"
        if not self.unit or value == 0:
            return f"{value:,.{self.digits}f}"
        return f"{value:,.{min(max(2 - math.floor(math.log10(abs(value))), 0), 6)}f}"


@dataclass(frozen=True)
class BoardSpec:
    """How the boards of one version of a task are ranked, awarded and laid out.

    ``columns[0]`` is the metric that ranks; ``gate`` is the value it must reach for a rank at all.
    ``prize_share`` is the share of the most accurate entries among which the performance prize is given;
    ratios of run times within a record's own margin, learnt by calibration, count as equal there, and
    within ``margin`` (0.03: 3 %) where nothing was learnt.
    """

    task: str
    version: int
    title: str
    reference: str
    prize_share: float
    columns: tuple[Column, ...]
    gate: float | None = None
    margin: float = UNCALIBRATED_MARGIN
    runtimes: tuple[tuple[str, str], ...] = ()

    @property
    def metric(self) -> Column:
        """The metric that ranks."""
        return self.columns[0]

    @classmethod
    def of(cls, task: Task) -> BoardSpec:
        """Take from a task what its boards need. What every record measures comes after its own metrics."""
        own = {metric.name: _column(metric) for metric in task.metrics}
        columns = {**own, **{column.name: own.get(column.name, column) for column in MEASURED}}
        return cls(
            task=task.name,
            version=task.version,
            title=task.title,
            reference=task.execution.reference,
            prize_share=task.reporting.prize_share,
            columns=tuple(columns.values()),
            gate=task.metrics[0].gate,
            runtimes=tuple(task.reporting.runtimes.items()),
        )

    def to_json(self) -> str:
        """One JSON document; ``from_json`` reads it back."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    @lru_cache(maxsize=256)
    def from_json(cls, text: str) -> BoardSpec:
        """Read back what ``to_json`` wrote."""
        fields = json.loads(text)
        columns = tuple(Column(**column) for column in fields["columns"])
        runtimes = tuple(map(tuple, fields.get("runtimes", ())))
        return cls(**{**fields, "columns": columns, "runtimes": runtimes})


def _column(metric: Metric) -> Column:
    return Column(metric.name, metric.title, metric.unit, metric.goal, metric.digits)


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


@dataclass(frozen=True)
class BoardKey:
    """Records meet on a board only where all of this is the same."""

    task: str
    version: int
    data: str
    variant: str
    sha256: str
    profile: str
    scenario: str

    @classmethod
    def of(cls, record: Record) -> BoardKey:
        """The board a record belongs to."""
        return cls(
            task=record.task,
            version=record.task_version,
            data=record.data.name,
            variant=record.data.variant,
            sha256=record.data.sha256,
            profile=record.profile,
            scenario=record.scenario,
        )

    @cached_property
    def id(self) -> str:
        """A short name of the board, the same wherever and whenever it is made."""
        return hashlib.sha256(json.dumps(astuple(self)).encode()).hexdigest()[:16]
