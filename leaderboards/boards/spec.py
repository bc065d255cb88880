"""What a board has to know of a task, and which board a record belongs to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, astuple, dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any

from harness.record import DataId, Record
from harness.record.hardware import hardware_class
from harness.record.latency import UNCALIBRATED_MARGIN
from harness.spec import FromRun, Growth, Task
from leaderboards.boards.columns import COLUMNS, Column
from leaderboards.ranking import Scale

OPEN_DATA = "open data"
"""What boards are marked with whose hidden data can be known to anybody."""
OPEN_DATA_NOTE = "Open data: anybody can know the hidden labels; a rank does not show that an entry did not."
PROCESSES = "processes"
"""What boards count whose metric comes from the run; its margin is a share."""


@dataclass(frozen=True)
class PrizeRules:
    """Who may win, and what is as good.

    An entry whose score is shown to be worse than the best by less than ``score_margin`` is as good; None:
    only the best is. ``share`` is the share of the most accurate entries that compete for the performance
    prize beside those. Ratios of run times within a record's own margin, found by calibration, count as
    equal; ``margin`` (0.03: 3 %) is used where the machine was not calibrated. ``clusters`` is what the
    resampled clusters are called in sentences.
    """

    share: float = 0.0
    margin: float = UNCALIBRATED_MARGIN
    score_margin: float | None = None
    clusters: str = "clusters"


@dataclass(frozen=True)
class BoardSpec:
    """How the boards of one version of a task are ranked, awarded and laid out.

    ``columns[0]`` is the metric that ranks; ``gate`` is the value it must reach for a rank at all.
    ``runtimes`` maps endings of entry names to titles of runtimes. ``growth`` says how the page draws the
    time of queries over their size; without it, it does not. ``open_data`` says that what is hidden in the
    data of a board can be known to anybody.
    """

    task: str
    version: int
    title: str
    columns: tuple[Column, ...]
    description: str = ""
    gate: float | None = None
    prize: PrizeRules = field(default_factory=PrizeRules)
    runtimes: tuple[tuple[str, str], ...] = ()
    growth: Growth | None = None
    open_data: bool = False

    @property
    def metric(self) -> Column:
        """The metric that ranks."""
        return self.columns[0]

    @property
    def timed(self) -> bool:
        """Whether the metric that ranks comes from the run, and so depends on the machine."""
        return self.prize.clusters == PROCESSES

    @property
    def scale(self) -> Scale:
        """What differences of the metric that ranks mean."""
        return Scale(self.prize.score_margin, self.metric.range)

    @classmethod
    def of(cls, task: Task) -> BoardSpec:
        """Take from a task what its boards need. What every record measures comes after its own metrics."""
        options = task.reporting.board
        own = {metric.name: Column.of(metric, metric.name in options.axes) for metric in task.metrics}
        columns = {**own, **{column.name: own.get(column.name, column) for column in COLUMNS}}
        return cls(
            task=task.name,
            version=task.version,
            title=task.title,
            columns=tuple(columns.values()),
            description=task.description,
            gate=task.metrics[0].gate,
            prize=PrizeRules(
                options.prize_share,
                score_margin=task.metrics[0].margin,
                clusters=_clusters(task),
            ),
            runtimes=tuple(options.runtimes.items()),
            growth=options.growth,
        )

    def over(self, data: DataId) -> BoardSpec:
        """Return the same over the data of a record."""
        return replace(self, open_data=bool(data.open))

    def to_json(self) -> str:
        """Write one JSON document; ``from_json`` reads it back."""
        fields = asdict(self)
        prize = fields.pop("prize")
        # Flat, as specs have always been stored.
        fields |= {"prize_share": prize.pop("share"), **prize}
        return json.dumps(fields, sort_keys=True)

    @classmethod
    @lru_cache(maxsize=256)
    def from_json(cls, text: str) -> BoardSpec:
        """Read back what ``to_json`` of this or an earlier version wrote."""
        fields = json.loads(text)
        return cls(
            task=fields["task"],
            version=fields["version"],
            title=fields["title"],
            columns=tuple(_column(column) for column in fields["columns"]),
            description=fields.get("description", ""),
            gate=fields["gate"],
            prize=PrizeRules(
                fields["prize_share"],
                fields["margin"],
                fields.get("score_margin"),
                fields.get("clusters", "clusters"),
            ),
            runtimes=tuple((ending, title) for ending, title in fields.get("runtimes", ())),
            growth=_growth(fields.get("growth")),
            open_data=fields.get("open_data", False),
        )


def _clusters(task: Task) -> str:
    """Say what it takes more of to know better: clusters that can differ, or processes."""
    if isinstance(task.metrics[0].source, FromRun):
        return PROCESSES
    positives = task.quality.positives
    return f"clusters with {positives.name}" if positives else "clusters"


_COLUMNS = {column.name: column for column in COLUMNS}


def _growth(fields: dict[str, Any] | None) -> Growth | None:
    marks = tuple((label, float(ns)) for label, ns in fields["marks"]) if fields else ()
    return Growth(**{**fields, "marks": marks}) if fields else None


def _column(fields: dict[str, Any]) -> Column:
    """Read a stored column; a measured one of an earlier version, without a description, as it is now."""
    column = Column(**{**fields, "bounds": tuple(fields.get("bounds", (None, None)))})
    present = _COLUMNS.get(column.name)
    same = present and (present.unit, present.goal) == (column.unit, column.goal)
    return present if present and same and not column.description else column


@dataclass(frozen=True)
class BoardKey:
    """Records share a board only where all of this is the same.

    ``hardware`` is the class of the machine (``harness.record.hardware``), empty where records do not tell.
    """

    task: str
    version: int
    data: str
    variant: str
    sha256: str
    profile: str
    scenario: str
    hardware: str = ""

    @classmethod
    def of(cls, record: Record) -> BoardKey:
        """Name the board that a record belongs to."""
        return cls(
            task=record.task,
            version=record.task_version,
            data=record.data.name,
            variant=record.data.variant,
            sha256=record.data.sha256,
            profile=record.profile,
            scenario=record.scenario,
            hardware=hardware_class(record.machine, record.isolation.level),
        )

    @property
    def any_hardware(self) -> BoardKey:
        """The same key without a class, as boards had it before there were classes."""
        return replace(self, hardware="")

    @property
    def suffix(self) -> str:
        """What follows the profile where there are boards of several classes of hardware."""
        return f"@{self.hardware or 'unknown'}"

    @cached_property
    def id(self) -> str:
        """Sixteen hexadecimal digits, the same wherever and whenever they are made."""
        parts = astuple(self) if self.hardware else astuple(self)[:-1]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
