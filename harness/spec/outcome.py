"""What the processes of one evaluation did, as metrics that answers alone do not give need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from harness.spec.dataset import Prepared
from harness.spec.query import Query
from harness.spec.types import Arrays

UNCOUNTED = ("start", "steady")
"""Phases that are no part of a training: the sandbox's own start, and the timed queries."""
ANSWERING = 3.0
"""How many times the median a timed query may take before the rest counts as training."""


@dataclass(frozen=True)
class Checkpoint:
    """A model that a generator ``build`` yielded, with its answers to the probe by query.

    ``seconds`` run on the harness's clock from the start of ``build`` to the last of these answers.
    """

    seconds: float
    answers: Mapping[int, Arrays]


@dataclass(frozen=True)
class ModelTime:
    """How many seconds one timed query was at the model, for the submission and for the reference.

    The time runs from when the query's data are handed over until the answer is announced.
    """

    query: int
    submission_s: float
    reference_s: float


@dataclass(frozen=True)
class Lesson:
    """One lesson as it was timed, by the index of its query.

    ``seconds`` is wall time, ``cpu_s`` the CPU time of the process tree meanwhile, ``memory_mb`` the growth
    of its resident memory in 10**6 bytes (negative where memory was freed).
    """

    query: int
    seconds: float
    cpu_s: float
    memory_mb: float


@dataclass(frozen=True)
class TrainingNotes:
    """What happened to one process before its first timed query.

    ``prepared_mb`` is what ``prepare`` left on disk. ``cached_share`` is the share of the public and the
    prepared data that lay in the page cache when ``build`` began, None where the system does not tell.
    ``pace_s`` are the seconds of the pieces of the reference's training that ran just before this one and
    just after it; empty where the task has no pace.
    """

    checkpoints: Sequence[Checkpoint] = ()
    prepared_mb: float = 0.0
    cached_share: float | None = None
    pace_s: Sequence[float] = ()


@dataclass(frozen=True)
class ProcessOutcome:
    """What one process of the submission did.

    ``answers`` by query; ``seconds`` of each phase; ``asked`` holds each timed query and the seconds it
    took, ``taught`` each lesson; ``at_model`` leaves the harness's own copying out of the times
    of the timed queries. ``training`` is what happened before the first of them.
    """

    answers: Mapping[int, Arrays]
    seconds: Mapping[str, float]
    asked: Sequence[tuple[int, float]]
    taught: Sequence[Lesson] = ()
    at_model: Sequence[ModelTime] = ()
    training: TrainingNotes = field(default_factory=TrainingNotes)

    def training_s(self, alike: Callable[[int], str]) -> float:
        """Return the seconds from the submission's first line to its last answer, without answering.

        ``alike(query)`` names the kind of a timed query whose time is shown elsewhere: of each such kind a
        query may take three times the median, and what it takes beyond that counts. Queries of the kind ""
        count whole.
        """
        times: dict[str, list[float]] = {}
        for query, seconds in self.asked:
            times.setdefault(alike(query), []).append(seconds)
        beyond = sum(times.pop("", []))
        for taken in times.values():
            usual = ANSWERING * median(taken)
            beyond += sum(seconds - usual for seconds in taken if seconds > usual)
        return beyond + sum(seconds for name, seconds in self.seconds.items() if name not in UNCOUNTED)

    def reached_s(self, checkpoint: Checkpoint) -> float:
        """Return the seconds from the submission's first line to a checkpoint's last answer."""
        return checkpoint.seconds + sum(self.seconds.get(name, 0.0) for name in ("import", "prepare"))


@dataclass(frozen=True)
class RunOutcome:
    """The data, the queries, and what every process of the submission did.

    ``disturbed`` says that others used the machine meanwhile: the spread of the times says nothing then.
    """

    prepared: Prepared
    queries: Sequence[Query]
    processes: Sequence[ProcessOutcome]
    disturbed: bool = False
