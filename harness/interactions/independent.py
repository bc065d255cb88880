"""Queries to a model that is built once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from harness.spec import BuildLog, BuildSession, Json, Query


@dataclass(frozen=True)
class Independent:
    """Build a model once, then ask it.

    With ``ordered`` the queries of a cluster come in order, so that a model may keep state. With ``shared``
    the processes divide the clusters among them, so that every query is answered once.
    """

    ordered: bool = False
    shared: bool = True
    scripted: ClassVar[bool] = False
    pace: ClassVar[None] = None
    incomparable: ClassVar[str] = ""

    def params(self, queries: Sequence[Query], process: int) -> Mapping[str, Json]:
        """Return nothing: every process is told the same."""
        return {}

    def phases(
        self, session: BuildSession, queries: Sequence[Query], log: BuildLog
    ) -> Mapping[str, Callable[[], float]]:
        """Build to the end; checkpoints of a generator are passed over."""
        return {"build": lambda: build_whole(session)}


def build_whole(session: BuildSession) -> float:
    """Build to the end and return the seconds it took."""
    seconds = session.build()
    while session.at_checkpoint:
        seconds += session.resume()
    return seconds
