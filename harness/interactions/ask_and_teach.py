"""Questions and lessons in turn: a model that is taught while it is measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from harness.interactions.independent import build_whole
from harness.spec import BuildLog, BuildSession, Json, Query


@dataclass(frozen=True)
class AskAndTeach:
    """Ask and teach by a script: queries with ``teach`` are lessons, handed to ``model.update(x, y)``.

    The steps of a cluster stay whole and in order, so every process that is given a cluster sees the same
    script. Answers are timed and scored as everywhere; lessons are timed on their own. With ``shared`` the
    processes divide the clusters among them.
    """

    shared: bool = False
    ordered: ClassVar[bool] = True
    scripted: ClassVar[bool] = True
    pace: ClassVar[None] = None
    incomparable: ClassVar[str] = ""

    def params(self, queries: Sequence[Query], process: int) -> Mapping[str, Json]:
        """Return nothing: every process is told the same."""
        return {}

    def phases(
        self, session: BuildSession, queries: Sequence[Query], log: BuildLog
    ) -> Mapping[str, Callable[[], float]]:
        """Build to the end; everything that is taught later comes by the script."""
        return {"build": lambda: build_whole(session)}
