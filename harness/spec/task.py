"""A task, declared in one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from harness.spec.dataset import Dataset, Prepared
from harness.spec.limits import Limits
from harness.spec.metric import Metric
from harness.spec.query import Query
from harness.spec.training import Training
from harness.spec.types import Array, Arrays, Figures, Json, Row, Scenario, Table

if TYPE_CHECKING:
    from random import Random


@dataclass(frozen=True)
class ProcessCounts:
    """How many fresh processes a task can afford, ranked and with ``--quick``.

    A ranked run whose ratio is not known well enough is repeated, up to so many ``rounds`` in all.
    """

    ranked: int = 8
    quick: int = 3
    rounds: int = 4


@dataclass(frozen=True)
class Task:
    """What is asked, declared in one value.

    ``check`` turns a raw answer into the form that ``tally`` expects, or raises
    ``InvalidSubmission``. ``tally`` gives one row of additive statistics for one unit;
    ``aggregate`` turns sums of such rows (leading axes are kept) into the metrics that carry
    intervals; ``overall`` adds metrics that only the whole set of answers can give.
    ``share`` says that the replicates divide the clusters among them, so that every query is
    answered once; else every replicate answers everything. With ``ordered`` the queries of a
    cluster come in order. ``together`` turns all checked answers of one pass into what ``tally`` takes, for
    answers whose worth shows only beside the others (embeddings and a probe on them). ``warnings`` says
    in words what in the metrics makes a record provisional; ``pictures`` gives PNG files by name for the
    record's folder, from one pass of answers and the metrics; ``examples`` gives those that the entry's page
    shows, and is handed public queries only, with their answers. ``memory_timeline`` says whether one
    more process is built to draw its memory over time, ``pipelined`` whether one is asked without waiting.
    ``entries`` names another task whose shipped entries compete here too.
    ``runtimes`` says which ending of an entry's name stands for which runtime of the same model.
    ``training`` is there where ``build`` trains and is judged.
    ``server_bound_ms`` bounds the 99th percentile in the server scenario.
    ``perturb`` changes a query so little that it costs the same to answer, and ``agree`` says whether two
    checked answers to one query are the same (default: equal up to rounding); both serve the audits.
    """

    name: str
    version: int
    title: str
    description: str
    dataset: Dataset
    queries: Callable[[Prepared], Sequence[Query]]
    check: Callable[[Arrays, Query], Arrays]
    tally: Callable[[Arrays, Any], Row]
    aggregate: Callable[[Table], Mapping[str, Array]]
    metrics: tuple[Metric, ...]
    reference: str
    entries: str = ""
    overall: Callable[[Sequence[Arrays], Sequence[Any]], Mapping[str, float]] | None = None
    together: Callable[[Sequence[Query], Sequence[Arrays]], Sequence[Arrays]] | None = None
    warnings: Callable[[Figures], Sequence[str]] | None = None
    pictures: Callable[[Sequence[Query], Sequence[Arrays], Figures], Mapping[str, bytes]] | None = None
    examples: Callable[[Sequence[Query], Sequence[Arrays]], Mapping[str, bytes]] | None = None
    memory_timeline: bool = True
    pipelined: bool = False
    runtimes: Mapping[str, str] = field(default_factory=dict)
    training: Training | None = None
    perturb: Callable[[Arrays, Random], Arrays] | None = None
    agree: Callable[[Arrays, Arrays], bool] | None = None
    scenario: Scenario = "single_stream"
    ordered: bool = False
    share: bool = True
    limits: Limits = field(default_factory=Limits)
    replicates: ProcessCounts = field(default_factory=ProcessCounts)
    profiles: tuple[str, ...] = ("cpu", "edge", "gpu")
    params: Mapping[str, Json] = field(default_factory=dict)
    prize_share: float = 0.10
    server_bound_ms: float = 100.0
    folder: Path | None = None
