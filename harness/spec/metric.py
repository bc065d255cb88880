"""A metric of a task: one number of a record."""

from __future__ import annotations

import math
from dataclasses import dataclass

from harness.spec.types import Goal


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
