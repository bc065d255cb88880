"""A build that trains and is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from harness.probes import page_cache
from harness.spec import BuildLog, BuildSession, Json, Pace, Query, TimedCheckpoint


@dataclass(frozen=True)
class Training:
    """Train a model in ``build``, then ask it.

    A submission may define ``prepare(context)``, which is called before ``build`` as a phase of its own.
    Where ``build`` is a generator, each model it yields is a checkpoint and is asked the queries that
    ``probe`` names, on the submission's own time. ``params_per_process`` gives what one process alone is
    told, from the queries and the number of the process: the few labels of its draw. With ``pace`` pieces
    of the reference's training are timed just before each training and just after it.
    """

    probe: Callable[[Sequence[Query]], Sequence[int]] | None = None
    shared: bool = True
    params_per_process: Callable[[Sequence[Query], int], Mapping[str, Json]] | None = None
    pace: Pace | None = None
    ordered: ClassVar[bool] = False
    scripted: ClassVar[bool] = False
    incomparable: ClassVar[str] = "two processes train two models, whose answers need not agree"

    def params(self, queries: Sequence[Query], process: int) -> Mapping[str, Json]:
        """Return what one process alone is told."""
        return self.params_per_process(queries, process) if self.params_per_process else {}

    def phases(
        self, session: BuildSession, queries: Sequence[Query], log: BuildLog
    ) -> Mapping[str, Callable[[], float]]:
        """Prepare the data, then train from checkpoint to checkpoint."""
        return {
            "prepare": lambda: self._prepare(session, log),
            "build": lambda: self._build(session, queries, log),
        }

    def _prepare(self, session: BuildSession, log: BuildLog) -> float:
        seconds = session.prepare()
        log.prepared_mb = session.workdir_mb()
        return seconds

    def _build(self, session: BuildSession, queries: Sequence[Query], log: BuildLog) -> float:
        """Checkpoints answer on the submission's own time: training meanwhile gains nothing."""
        probe = self.probe(queries) if self.probe else ()
        xs = {index: queries[index].load() for index in probe}
        log.cached_share = page_cache.share(session.data)
        seconds = session.build()
        while session.at_checkpoint:
            replies = {index: session.ask(x) for index, x in xs.items()}
            seconds += sum(reply.ns for reply in replies.values()) / 1e9
            log.checkpoints.append(TimedCheckpoint(seconds, replies))
            seconds += session.resume()
        return seconds
