"""One question of a task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.spec.types import Arrays, Split


@dataclass(frozen=True)
class Query:
    """One question of a task, or one lesson, and what the trusted side knows about it.

    ``id`` names the unit that is scored, ``cluster`` the group of units that resampling keeps together (a
    video, a user). ``load`` gives the arrays handed to the model and is called outside the clock;
    ``truth`` never leaves the trusted process. With ``teach`` the step is a lesson: ``load()`` and
    ``teach()`` are handed to ``model.update(x, y)``, and nothing is scored.
    """

    id: str
    cluster: str
    split: Split
    load: Callable[[], Arrays]
    truth: Any
    teach: Callable[[], Arrays] | None = None
