"""How a build that trains is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from harness.spec.dataset import Prepared
from harness.spec.query import Query
from harness.spec.types import Arrays, Figures, Json


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
    ``reference_params`` are the params told to the reference of the clock, which needs not train to the end.
    ``params_per_process`` gives the params that one process alone is told, from the queries and the process's
    number: the few labels of its draw.
    """

    probe: Callable[[Sequence[Query]], Sequence[int]]
    conclude: Callable[[Prepared, Sequence[Query], Sequence[Outcome]], Conclusion]
    reference_params: Mapping[str, Json] = field(default_factory=dict)
    params_per_process: Callable[[Sequence[Query], int], Mapping[str, Json]] | None = None
