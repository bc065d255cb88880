"""How a task talks with a model, seen from the task and from the measurement."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from harness.spec.query import Query
from harness.spec.types import Arrays, Json


class Reply(Protocol):
    """An answer as it came, with the nanoseconds it took."""

    @property
    def ns(self) -> int:
        """Nanoseconds on the harness's clock."""


class BuildSession(Protocol):
    """The part of a session that an interaction drives before the timed queries."""

    at_checkpoint: bool

    def prepare(self) -> float:
        """Call ``prepare(context)``; return seconds."""

    def build(self) -> float:
        """Call ``build(context)`` to its end or to its first checkpoint; return seconds."""

    def resume(self) -> float:
        """Train to the next checkpoint or to the end; return seconds."""

    def ask(self, x: Arrays) -> Reply:
        """Ask one query."""

    def workdir_mb(self) -> float:
        """Return the size of the submission's own folder in 10**6 bytes."""

    @property
    def data(self) -> tuple[Path, ...]:
        """Return the folders that the submission reads."""


@dataclass(frozen=True)
class Pace:
    """A fixed piece of the reference's training, which the trainings of others are timed in.

    The reference is told ``pieces`` and ``batches``: its ``build`` yields a checkpoint after each of so many
    pieces of ``batches`` batches. The first piece is not timed, for it holds what happens only once. Of the
    others ``beside`` are timed just before a submission trains and as many just after it.
    """

    batches: int
    beside: int = 2

    @property
    def params(self) -> Mapping[str, Json]:
        """What the reference alone is told."""
        return {"pieces": 1 + 2 * self.beside, "batches": self.batches}


@dataclass(frozen=True)
class TimedCheckpoint:
    """A checkpoint as it was reached: seconds since ``build`` began, and the probe's replies by query."""

    seconds: float
    replies: Mapping[int, Any]


@dataclass
class BuildLog:
    """What happened before the first query, filled by the interaction's phases."""

    checkpoints: list[TimedCheckpoint] = field(default_factory=list)
    prepared_mb: float = 0.0
    cached_share: float | None = None


class Interaction(Protocol):
    """How a task talks with a model; ``harness/interactions`` has one value for each way."""

    @property
    def ordered(self) -> bool:
        """Whether the queries of a cluster come in order."""

    @property
    def scripted(self) -> bool:
        """Whether the clusters, too, come in the order in which the task lists them."""

    @property
    def shared(self) -> bool:
        """Whether the processes divide the clusters among them; else each answers everything."""

    @property
    def pace(self) -> Pace | None:
        """Return the piece of the reference's training that trainings are timed in; None without one."""

    @property
    def incomparable(self) -> str:
        """Say why the answers of two processes need not agree; empty where they must."""

    def params(self, queries: Sequence[Query], process: int) -> Mapping[str, Json]:
        """Return what is added to the params of one process."""

    def phases(
        self, session: BuildSession, queries: Sequence[Query], log: BuildLog
    ) -> Mapping[str, Callable[[], float]]:
        """Return the phases between import and the first query, by name; each returns its seconds."""
