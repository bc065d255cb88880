"""The answers of the JSON API, as its schema describes them.

Answers are flat objects that programs read as tables, so some have more than eight fields.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from harness.spec import Goal


class Answer(BaseModel):
    """A frozen value with exactly the declared fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Data(Answer):
    """The data that were asked about. ``open``: anybody can know what is hidden in them."""

    name: str
    variant: str
    sha256: str
    open: bool = False


class BoardSummary(Answer):
    """A board in the list of boards. ``latest``: when its latest record started, seconds since 1970.

    ``hardware``: the class of the machines, empty where records do not tell.
    """

    id: str
    task: str
    task_version: int
    title: str
    data: Data
    profile: str
    scenario: str
    hardware: str
    records: int
    rows: int
    latest: float


class Boards(Answer):
    """Boards ``offset`` … of ``total``."""

    total: int
    offset: int
    boards: list[BoardSummary]


class ColumnAnswer(Answer):
    """A column: its meaning, unit, better direction, decimals, and whether a page offers it as an axis.

    ``bounds``: the least and the most that it can be, null where there is no end.
    """

    name: str
    title: str
    unit: str
    goal: Goal
    digits: int
    description: str
    axis: bool
    bounds: tuple[float | None, float | None]


class Number(Answer):
    """A value with its 95 % interval, where there is one."""

    value: float | None
    low: float | None
    high: float | None


class ParityAnswer(Answer):
    """Whether a row is shown to be as good as the best (``eligible``) and as its tier's leader (``as_good``).

    ``needed`` is about how many clusters would settle the second; ``nothing``: the worst value there can be.
    """

    eligible: bool
    as_good: bool
    leads: bool
    needed: int | None
    nothing: bool


class RowAnswer(Answer):
    """A row of a board. ``rank_label`` is the rank as shown: 2, ~2 where provisional, – for no rank."""

    rank: int | None
    rank_label: str
    entry: str
    team: str
    role: Literal["", "reference", "baseline"]
    metrics: dict[str, Number]
    pareto: bool
    parity: ParityAnswer | None
    prizes: list[Literal["accuracy", "performance"]]
    isolation: str
    safe: bool
    status: str
    validity: str
    reason: str
    started: str
    record: str


class PrizeWinner(Answer):
    """A prize and its winner."""

    award: Literal["accuracy", "performance"]
    record: str
    entry: str
    provisional: bool
    detail: str


class BoardAnswer(Answer):
    """Rows ``offset`` … of the ``total`` rows of a board; ``metric`` is the one that ranks."""

    task: str
    task_version: int
    title: str
    description: str
    data: Data
    profile: str
    scenario: str
    hardware: str
    metric: str
    columns: list[ColumnAnswer]
    total: int
    offset: int
    rows: list[RowAnswer]
    prizes: list[PrizeWinner]
    notes: list[str]


class FinalAnswer(Answer):
    """The result of closing a board: ranks by the private split, and the public rank of each record.

    ``shake_up`` is the mean change in rank, as a share of the ranked entries.
    """

    closed: str
    shake_up: float
    board: BoardAnswer
    public_ranks: dict[str, int | None]


class BestValueChange(Answer):
    """A record that had the best value of its board when it came."""

    started: str
    value: float
    entry: str
    team: str
    record: str


class HistoryAnswer(Answer):
    """The records that improved a board's best value, in order of time; valid ones unless ``provisional``."""

    metric: str
    goal: Goal
    provisional: bool
    advances: list[BestValueChange]


class UnitRow(Answer):
    """The statistics of one unit, in the order of ``names``."""

    id: str
    cluster: str
    values: tuple[float, ...]


class UnitsAnswer(Answer):
    """Units ``offset`` … of the ``total`` of the public split.

    ``means`` says of how many numbers each value is the mean.
    """

    names: tuple[str, ...]
    means: tuple[int, ...]
    units: tuple[UnitRow, ...]
    total: int
    offset: int


class MetricDifference(Answer):
    """The difference a - b of one metric, its 95 % interval, and the p-value of the paired test."""

    metric: str
    value: float
    low: float | None
    high: float | None
    p_value: float
    words: str


class LatencyComparison(Answer):
    """The time of a over the time of b, with its 95 % interval."""

    ratio: float
    low: float | None
    high: float | None
    verdict: Literal["faster", "slower", "no difference", "unknown"]
    words: str


class ComparisonAnswer(Answer):
    """Two records of one board compared."""

    a: str
    b: str
    scores: list[MetricDifference]
    time: LatencyComparison | None
    memory: str
    notes: list[str]
