"""Define an audit: it plans what to ask, says whether the answers can show anything, and judges them.

After the compliance tests of MLPerf Inference (TEST01, TEST04, TEST05 in mlcommons/inference,
compliance/nvidia). All audits of an evaluation share one fresh process of the submission.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from harness.spec import Query, Task

if TYPE_CHECKING:
    from harness.spec import Arrays


@dataclass(frozen=True)
class Step:
    """One thing asked: a query, perturbed or not, or nothing at all, idle for ``rest_s`` seconds.

    A step that is ``alone`` is a request of its own, so that its time is its own.
    """

    query: int | None
    perturbed: bool = False
    alone: bool = False
    rest_s: float = 0.0


@dataclass(frozen=True)
class Seen:
    """What came of a step: the checked answer, its nanoseconds, the tree's CPU seconds during the rest."""

    step: Step
    answer: Arrays | None
    ns: int
    rest_cpu_s: float


@dataclass(frozen=True)
class Setting:
    """What the audits rest on.

    ``timed`` holds the answers of one measured process, ``asked`` the queries that are put again,
    ``fresh`` others that the audited process has not met before. Where a task has an order, private units may
    be among them; no verdict looks at these (``public``).
    """

    task: Task
    queries: Sequence[Query]
    timed: Mapping[int, Arrays]
    asked: tuple[int, ...]
    fresh: tuple[int, ...]
    seed: int

    def rng(self) -> random.Random:
        """Return a generator that draws the same each time it is asked for."""
        return random.Random(self.seed ^ 0x5EED)

    def public(self, seen: Sequence[Seen]) -> list[Seen]:
        """Return what may decide a verdict: what came of public units, and of rests."""
        return [
            each
            for each in seen
            if each.step.query is None or self.queries[each.step.query].split == "public"
        ]


@dataclass(frozen=True)
class AuditPlugin:
    """One audit.

    ``plan`` returns its steps (none: it does not suit the task); ``validate`` says why it cannot judge what
    was seen, or None; ``verify`` says whether the submission passed, and what was found. Both are shown what
    came of public units alone. An audit whose ``place`` is first is asked before the others, in the order of
    the measured process; one whose place is last does what no measured process meets.
    """

    name: str
    plan: Callable[[Setting], Sequence[Step]]
    validate: Callable[[Setting, Sequence[Seen]], str | None]
    verify: Callable[[Setting, Sequence[Seen]], tuple[bool, str]]
    place: Literal["first", "middle", "last"] = "middle"
