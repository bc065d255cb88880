"""A task, declared in one value that is composed of five parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.spec.dataset import Dataset, Prepared
from harness.spec.growth import Growth
from harness.spec.interaction import Interaction
from harness.spec.limits import Limits
from harness.spec.metric import Metric, Positives
from harness.spec.outcome import RunOutcome
from harness.spec.profile import profiles_of_every_task
from harness.spec.query import Query
from harness.spec.types import Array, Arrays, Figures, Json, Row, Scenario, Table

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True)
class ProcessCounts:
    """How many fresh processes a task can afford, ranked and with ``--quick``.

    A ranked run whose ratio is not known well enough is repeated, up to so many ``rounds`` in all.
    A process in which the submission was busy for ``enough_s`` seconds is asked nothing more: slow models
    answer a part of the queries, chosen at random unless the interaction has an order.
    """

    ranked: int = 8
    quick: int = 3
    rounds: int = 4
    enough_s: float = math.inf


@dataclass(frozen=True)
class Answer:
    """What a valid answer is, and when two answers are the same.

    ``check`` turns a raw answer into the form that ``tally`` expects, or raises ``InvalidSubmission``.
    ``most_bytes`` gives the size of the largest valid answer to a query, where answers are as large as the
    data want them (masks of photographs); without it every answer fits into ``Limits.answer_mb``.
    ``agree`` says whether two checked answers to one query are the same (default: equal up to rounding);
    ``perturb`` changes a query so little that it costs the same to answer. Both serve the audits.
    """

    check: Callable[[Arrays, Query], Arrays]
    most_bytes: Callable[[Query], int] | None = None
    agree: Callable[[Arrays, Arrays], bool] | None = None
    perturb: Callable[[Arrays, Random], Arrays] | None = None


@dataclass(frozen=True)
class Quality:
    """How answers are scored.

    ``tally`` gives one row of additive statistics for one unit. ``metrics`` are declared with the function
    that computes each; ``ranked`` names the one that ranks (default: the first). ``across`` turns all
    checked answers of one pass into what ``tally`` takes, where an answer's worth shows only beside the
    others (embeddings and a probe on them). ``warnings`` says in words what makes a record provisional,
    ``faults`` what makes it invalid. ``positives`` says what is looked for, where not every unit holds any.
    """

    metrics: tuple[Metric, ...]
    tally: Callable[[Arrays, Any], Row]
    across: Callable[[Sequence[Query], Sequence[Arrays]], Sequence[Arrays]] | None = None
    warnings: Callable[[Figures], Sequence[str]] | None = None
    faults: Callable[[RunOutcome, Figures], Sequence[str]] | None = None
    ranked: str = ""
    positives: Positives | None = None

    @property
    def in_order(self) -> tuple[Metric, ...]:
        """Return the metrics, the one that ranks first."""
        ranked = self.ranked or self.metrics[0].name
        return tuple(sorted(self.metrics, key=lambda metric: metric.name != ranked))

    @property
    def of_one_unit(self) -> Metric | None:
        """Return the metric that single units have: the one that ranks, or else the first; None without."""
        return next((metric for metric in self.in_order if metric.of_unit), None)

    def unit_values(self, rows: Table) -> Array | None:
        """Compute that metric of each unit alone, from rows (n, ...): float64 (n,), NaN where it has none."""
        metric = self.of_one_unit
        if metric is None or metric.of_unit is None:
            return None
        import numpy as np

        with np.errstate(all="ignore"):
            return np.asarray(metric.of_unit(rows), np.float64)

    def resampled(self, sums: Table) -> Mapping[str, Array]:
        """Compute every metric that sums of statistics give; leading axes are kept."""
        return {metric.name: metric.resample(sums) for metric in self.metrics if metric.resample}


@dataclass(frozen=True)
class Execution:
    """How a task is run: against which reference, within which limits, on which profiles.

    ``reference`` is the frozen entry that every run is paired with: the name of a shipped entry or of one
    beside the task's file. ``entries`` names another task whose shipped entries compete here too.
    ``params`` is what every submission is told. ``server_bound_ms`` bounds the 99th percentile in the
    server scenario.
    """

    reference: str
    entries: str = ""
    limits: Limits = field(default_factory=Limits)
    processes: ProcessCounts = field(default_factory=ProcessCounts)
    profiles: tuple[str, ...] = field(default_factory=profiles_of_every_task)
    scenario: Scenario = "single_stream"
    params: Mapping[str, Json] = field(default_factory=dict)
    server_bound_ms: float = 100.0


@dataclass(frozen=True)
class BoardOptions:
    """How the task's boards are laid out.

    ``runtimes`` says which ending of an entry's name stands for which runtime of the same model.
    ``prize_share`` is the share of the most accurate entries that compete for the performance prize beside
    those shown to be as good as the best. ``columns`` names metrics that boards show before the others,
    ``axes`` those that a board's page offers as the horizontal axis. ``growth`` has the page draw the time of
    queries over their size.
    """

    runtimes: Mapping[str, str] = field(default_factory=dict)
    prize_share: float = 0.0
    columns: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    growth: Growth | None = None


@dataclass(frozen=True)
class Reporting:
    """What is shown beside the numbers.

    ``figures`` gives PNG files by name for the record's folder, from one pass of answers and the metrics;
    ``examples`` those that the entry's page shows: it is handed public queries only, and their answers as
    ``tally`` takes them.
    ``pictures`` draws for the page what the processes did; it must show nothing of private units.
    ``memory_timeline`` says whether one more process is built to draw its memory over time,
    ``pipelined`` whether one is asked without waiting for answers.
    """

    examples: Callable[[Sequence[Query], Sequence[Arrays]], Mapping[str, bytes]] | None = None
    figures: Callable[[Sequence[Query], Sequence[Arrays], Figures], Mapping[str, bytes]] | None = None
    pictures: Callable[[RunOutcome], Mapping[str, bytes]] | None = None
    memory_timeline: bool = True
    pipelined: bool = False
    board: BoardOptions = field(default_factory=BoardOptions)


@dataclass(frozen=True)
class Task:
    """What is asked, declared in one value: identity, data, and five parts.

    ``queries`` lists what is asked about prepared data. ``folder`` is where the task's file lies; it is
    filled in when the file is loaded.
    """

    name: str
    version: int
    title: str
    description: str
    dataset: Dataset
    queries: Callable[[Prepared], Sequence[Query]]
    answer: Answer
    quality: Quality
    interaction: Interaction
    execution: Execution
    reporting: Reporting = field(default_factory=Reporting)
    folder: Path | None = None

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Return the metrics as boards show them: the one that ranks, ``board.columns``, then the others."""
        leading = self.reporting.board.columns
        ranked, *others = self.quality.in_order
        rest = sorted(
            others, key=lambda metric: leading.index(metric.name) if metric.name in leading else len(leading)
        )
        return (ranked, *rest)
