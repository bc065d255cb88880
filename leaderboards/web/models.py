"""What the JSON API answers, as its schema says it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from harness.spec import Goal


class Answer(BaseModel):
    """Frozen, and exactly these fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)


class Data(Answer):
    """Which bytes were asked about."""

    name: str
    variant: str
    sha256: str


class BoardSummary(Answer):
    """A board in the list of boards. ``latest``: when its latest record started, seconds since 1970."""

    id: str
    task: str
    task_version: int
    title: str
    data: Data
    profile: str
    scenario: str
    records: int
    rows: int
    latest: float


class Boards(Answer):
    """Boards ``offset`` … of ``total``."""

    total: int
    offset: int
    boards: list[BoardSummary]


class Shown(Answer):
    """How a column is shown: its unit, which direction is better, how many decimals."""

    name: str
    title: str
    unit: str
    goal: Goal
    digits: int
    description: str


class Number(Answer):
    """A value with its 95 % interval, where there is one."""

    value: float | None
    low: float | None
    high: float | None


class Line(Answer):
    """A row of a board. ``rank_label`` is the rank as shown: 2, ~2 where provisional, – for no rank."""

    rank: int | None
    rank_label: str
    entry: str
    team: str
    role: Literal["", "reference", "baseline"]
    metrics: dict[str, Number]
    pareto: bool
    prizes: list[Literal["accuracy", "performance"]]
    isolation: str
    safe: bool
    status: str
    validity: str
    reason: str
    started: str
    record: str


class PrizeWinner(Answer):
    """Who holds a prize."""

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
    metric: str
    columns: list[Shown]
    total: int
    offset: int
    rows: list[Line]
    prizes: list[PrizeWinner]
    notes: list[str]


class FinalAnswer(Answer):
    """How a board was closed: ranks by the private split, and the public rank of each record until then.

    ``shake_up`` is the mean move in ranks, as a share of the entries.
    """

    closed: str
    shake_up: float
    board: BoardAnswer
    public_ranks: dict[str, int | None]


class BestValueChange(Answer):
    """A record that was the best of its board when it came."""

    started: str
    value: float
    entry: str
    team: str
    record: str


class HistoryAnswer(Answer):
    """Who moved a board's best value, in order of time; of valid records unless ``provisional``."""

    metric: str
    goal: Goal
    provisional: bool
    advances: list[BestValueChange]


class UnitRow(Answer):
    """One unit's statistics, as ``names`` order them."""

    id: str
    cluster: str
    values: tuple[float, ...]


class UnitsAnswer(Answer):
    """Units ``offset`` … of the ``total`` of the public split.

    ``means``: of how many numbers each value is the mean.
    """

    names: tuple[str, ...]
    means: tuple[int, ...]
    units: tuple[UnitRow, ...]
    total: int
    offset: int


class MetricDifference(Answer):
    """a - b of one metric with its 95 % interval and the p-value of the paired test."""

    metric: str
    value: float
    low: float | None
    high: float | None
    p_value: float
    words: str


class LatencyComparison(Answer):
    """Time of a over time of b with its 95 % interval."""

    ratio: float
    low: float | None
    high: float | None
    verdict: Literal["faster", "slower", "no difference", "unknown"]
    words: str


class ComparisonAnswer(Answer):
    """Two records of one board against each other."""

    a: str
    b: str
    scores: list[MetricDifference]
    time: LatencyComparison | None
    memory: str
    notes: list[str]
