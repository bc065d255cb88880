"""A metric of a task: what one number of a record means and how it is computed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from harness.spec.outcome import RunOutcome
from harness.spec.types import Array, Arrays, Goal, Interval, Table


@dataclass(frozen=True)
class FromSums:
    """Compute a metric from sums of the units' statistics; resampling units gives its interval.

    ``compute`` keeps leading axes: sums (..., k) become values (...).
    """

    compute: Callable[[Table], Array]


@dataclass(frozen=True)
class FromAnswers:
    """Compute a metric from all answers and truths at once.

    ``resample`` approximates it from sums of statistics, for its interval only. ``of_unit`` gives its value
    for single units from their statistics: rows (n, ...) become values (n,).
    """

    compute: Callable[[Sequence[Arrays], Sequence[Any]], float]
    resample: Callable[[Table], Array] | None = None
    of_unit: Callable[[Table], Array] | None = None


@dataclass(frozen=True)
class FromRun:
    """Compute a metric from what the processes did: a value, a value with its interval, or None."""

    compute: Callable[[RunOutcome], float | Interval | None]


Source: TypeAlias = FromSums | FromAnswers | FromRun


@dataclass(frozen=True)
class Positives:
    """What a task looks for, where not every unit holds any of it.

    ``count`` takes rows of ``tally`` (n, ...) and returns how many each unit holds (n,), by its truth alone;
    ``name`` is what they are called ("starfish"). Clusters with and without any are resampled apart.
    """

    name: str
    count: Callable[[Table], Array]


@dataclass(frozen=True)
class Metric:
    """One number of a record, declared and computed in one place.

    ``gate`` is the value that an entry must reach (in the direction of ``goal``) to be ranked at all.
    ``bounds`` are the least and the most that the metric can be; no interval leads beyond them.
    ``margin`` is the difference that does not matter: an entry shown to be worse than the best by less is as
    good. Without one only the best is.
    """

    name: str
    unit: str
    goal: Goal
    title: str
    source: Source
    description: str = ""
    digits: int = 3
    gate: float | None = None
    bounds: tuple[float, float] = (-math.inf, math.inf)
    margin: float | None = None

    @property
    def resample(self) -> Callable[[Table], Array] | None:
        """Compute the metric from sums of resampled units; None where it has no interval from them."""
        if isinstance(self.source, FromSums):
            return self.source.compute
        return self.source.resample if isinstance(self.source, FromAnswers) else None

    @property
    def of_unit(self) -> Callable[[Table], Array] | None:
        """Compute the metric of single units from their statistics; None where they have none."""
        if isinstance(self.source, FromSums):
            return self.source.compute
        return self.source.of_unit if isinstance(self.source, FromAnswers) else None
