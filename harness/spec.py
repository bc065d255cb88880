"""The vocabulary: frozen values that say what a task, a metric, a profile and a query are.

Nothing here measures, reads or writes. It imports no heavy package, so that the command line
can list tasks at once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from random import Random

    import numpy as np

    Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
    Arrays: TypeAlias = Array | Mapping[str, Array]
    Row: TypeAlias = Mapping[str, Array | float]
    Table: TypeAlias = Mapping[str, Array]

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
Goal = Literal["max", "min"]
Split = Literal["public", "private"]
Scenario = Literal["single_stream", "multi_stream", "offline", "server"]
Figures: TypeAlias = "Mapping[str, tuple[float | None, float | None, float | None]]"
"""Metrics by name: value, and the low and high end of the interval."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is going on, how much of it is done and how much there is (0: not known)."""


def no_progress(what: str, done: int, total: int) -> None:
    """The progress callback of someone who does not watch."""


@dataclass(frozen=True)
class Metric:
    """One number of a record.

    ``interval`` says whether resampling units gives it an interval; ``gate`` is the value an entry
    must reach (in the direction of ``goal``) to be ranked at all. No interval leads beyond ``least``
    and ``most``.
    """

    name: str
    unit: str
    goal: Goal
    title: str
    description: str = ""
    interval: bool = True
    gate: float | None = None
    digits: int = 3
    least: float = -math.inf
    most: float = math.inf


@dataclass(frozen=True)
class Limits:
    """What a submission may use. Seconds are wall time on the parent's clock."""

    build_s: float = 120.0
    query_s: float = 10.0
    run_s: float = 900.0
    memory_mb: int = 4096
    processes: int = 64
    answer_mb: int = 16
    query_mb: int = 16
    disk_mb: int = 1024
    submission_mb: int = 512


@dataclass(frozen=True)
class Profile:
    """The machine a submission is given: cores, memory, accelerator.

    ``cores`` is how many cores the contestant is pinned to (None: all the machine gives);
    ``memory_mb`` lowers the task's own cap where it is smaller.
    """

    name: str
    title: str
    cores: int | None = None
    memory_mb: int | None = None
    accelerator: Literal["none", "gpu", "browser"] = "none"


PROFILES: Mapping[str, Profile] = {
    "cpu": Profile("cpu", "all cores the machine gives"),
    "edge": Profile("edge", "one pinned core, 512 MB", cores=1, memory_mb=512),
    "gpu": Profile("gpu", "all cores and one GPU", accelerator="gpu"),
    "browser": Profile("browser", "headless Chromium on all cores", accelerator="browser"),
}


@dataclass(frozen=True)
class Query:
    """One question of a task and what the trusted side knows about it.

    ``id`` names the unit that is scored, ``cluster`` the group of units that resampling keeps
    together (a video, a user). ``load`` gives the arrays handed to the model and is called outside
    the clock; ``truth`` never leaves the trusted process.
    """

    id: str
    cluster: str
    split: Split
    load: Callable[[], Arrays]
    truth: Any


@dataclass(frozen=True)
class Prepared:
    """A dataset made ready: ``public`` is what contestants may read, ``private`` they never see."""

    name: str
    variant: str
    sha256: str
    public: Path
    private: Path


@dataclass(frozen=True)
class DataRequest:
    """What a dataset is asked for. ``source`` is the user's own folder (``--from``) or None."""

    variant: str
    cache: Path
    source: Path | None = None
    seed: int = 0
    progress: Progress = no_progress


@dataclass(frozen=True)
class Dataset:
    """A source of data. ``prepare`` fetches or generates, verifies, and moves into place atomically."""

    name: str
    title: str
    variants: Mapping[str, str]
    prepare: Callable[[DataRequest], Prepared]


@dataclass(frozen=True)
class Replicates:
    """How many fresh processes a task can afford, ranked and with ``--quick``.

    A ranked run whose ratio is not known well enough is repeated, up to so many ``rounds`` in all.
    """

    ranked: int = 8
    quick: int = 3
    rounds: int = 4


@dataclass(frozen=True)
class Checkpoint:
    """A model that a generator ``build`` yielded: what it answered to the probe, by query,

    and the seconds on the parent's clock from the start of ``build`` to the last of these answers.
    """

    seconds: float
    answers: Mapping[int, Arrays]


@dataclass(frozen=True)
class Outcome:
    """What one process of a training task came to.

    ``answers`` by query; ``seconds`` of each phase; ``asked`` holds each timed query and
    how many seconds it took; ``prepared_mb`` is what ``prepare`` left on disk. ``cached_share`` is how much
    of the public data and of that lay in the page cache as ``build`` began, None where nobody can tell.
    """

    answers: Mapping[int, Arrays]
    seconds: Mapping[str, float]
    asked: Sequence[tuple[int, float]]
    checkpoints: Sequence[Checkpoint]
    prepared_mb: float
    cached_share: float | None = None


@dataclass(frozen=True)
class Conclusion:
    """Metrics that training gives, and in words what makes the record invalid."""

    metrics: Figures
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Training:
    """What it takes to judge a ``build`` that trains.

    A submission may define ``prepare(context)``: it is called before ``build`` as a phase of its own. Where
    ``build`` is a generator, each model it yields is a checkpoint and is asked the queries that ``probe``
    names, on the submission's own time. ``conclude`` gets the dataset, the queries and one outcome a process.
    ``rehearsal`` are the params told to the reference of the clock, which needs not train to the end.
    ``lesson`` gives the params that one process alone is told, from the queries and the process's number: the
    few labels of its draw.
    """

    probe: Callable[[Sequence[Query]], Sequence[int]]
    conclude: Callable[[Prepared, Sequence[Query], Sequence[Outcome]], Conclusion]
    rehearsal: Mapping[str, Json] = field(default_factory=dict)
    lesson: Callable[[Sequence[Query], int], Mapping[str, Json]] | None = None


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
    answers whose worth shows only beside the others (embeddings and a probe on them). ``remarks`` says
    in words what in the metrics makes a record provisional; ``pictures`` gives PNG files by name for the
    record's folder, from one pass of answers and the metrics; ``examples`` gives those that the entry's page
    shows, and is handed public queries only, with their answers. ``watched`` says whether one more process is
    built to draw its memory over time, ``pipelined`` whether one is asked without waiting for answers.
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
    remarks: Callable[[Figures], Sequence[str]] | None = None
    pictures: Callable[[Sequence[Query], Sequence[Arrays], Figures], Mapping[str, bytes]] | None = None
    examples: Callable[[Sequence[Query], Sequence[Arrays]], Mapping[str, bytes]] | None = None
    watched: bool = True
    pipelined: bool = False
    runtimes: Mapping[str, str] = field(default_factory=dict)
    training: Training | None = None
    perturb: Callable[[Arrays, Random], Arrays] | None = None
    agree: Callable[[Arrays, Arrays], bool] | None = None
    scenario: Scenario = "single_stream"
    ordered: bool = False
    share: bool = True
    limits: Limits = field(default_factory=Limits)
    replicates: Replicates = field(default_factory=Replicates)
    profiles: tuple[str, ...] = ("cpu", "edge", "gpu")
    params: Mapping[str, Json] = field(default_factory=dict)
    prize_share: float = 0.10
    server_bound_ms: float = 100.0
    folder: Path | None = None


@dataclass(frozen=True)
class Submission:
    """A contestant's entry on disk. ``sha256`` covers every file; ``size`` is in bytes."""

    name: str
    path: Path
    kind: Literal["python", "litert", "keras", "savedmodel", "onnx", "javascript"]
    sha256: str
    size: int
    team: str = ""
