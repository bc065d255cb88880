"""One side of a pair: a session taken through its phases, then asked block by block.

Both sides go exactly the same way, so that whatever this costs meets the submission and the reference alike.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from harness.measurement.schedule import Share
from harness.probes import page_cache
from harness.probes.usage import reset_memory_peaks, usage
from harness.record import Phase
from harness.session.session import Session, TimedReply
from harness.session.settings import ExecutionSettings
from harness.spec import Query, Scenario, Submission, Task

if TYPE_CHECKING:
    from harness.spec import Arrays

WARM_S = 0.3
WARM_LEAST = 3


@dataclass(frozen=True)
class RunPlan:
    """What a whole evaluation pits against each other, and on what.

    With ``contestants`` both are somebody's submissions, neither the task's reference.
    """

    task: Task
    queries: Sequence[Query]
    settings: ExecutionSettings
    submission: Submission
    reference: Submission
    seed: int
    scenario: Scenario = "single_stream"
    most_at_once: int = 1
    contestants: bool = False

    def settings_of(self, number: int) -> ExecutionSettings:
        """What process ``number`` is told: the task's params, and its own lesson where there is one."""
        training = self.task.training
        params_per_process = (
            training.params_per_process(self.queries, number)
            if training and training.params_per_process
            else {}
        )
        return replace(self.settings, params={**self.settings.params, **params_per_process})


@dataclass(frozen=True)
class TimedCheckpoint:
    """A checkpoint as it was reached: seconds since training began, and the probe's answers by query."""

    seconds: float
    answers: Mapping[int, TimedReply]


class Participant:
    """One of the two in the ring: a session, its phases, and what is done with its answers."""

    def __init__(
        self, session: Session, run_plan: RunPlan, answered: Callable[[Sequence[int], TimedReply], None]
    ) -> None:
        self.session = session
        self.phases: dict[str, Phase] = {}
        self.queries = run_plan.queries
        self.warmed = 1
        self.now = "start"
        self.checkpoints_timed: list[TimedCheckpoint] = []
        self.prepared_mb = 0.0
        self.cached_share: float | None = None
        self.splits: list[tuple[int, int, int]] = []
        self._training = run_plan.task.training
        self._answered = answered
        self._at_once = run_plan.scenario in {"multi_stream", "offline"}

    def begin(self, share: Share) -> None:
        """Take the session from nothing to warm, noting time and peak memory of each phase."""
        steps: dict[str, Callable[[], float]] = {
            "start": self.session.start,
            "import": self.session.load,
            **({"prepare": self._prepare} if self._training else {}),
            "build": self._build,
            "first_query": lambda: self._first(share.warm_up[0]),
            "warm_up": lambda: self._warm_up(share.warm_up[1:]),
        }
        for name, step in steps.items():
            self.phase(name, step)

    def phase(self, name: str, step: Callable[[], float]) -> None:
        """Run one phase; ``step`` returns its seconds."""
        self.now = name
        reset_memory_peaks(self.session.tree())
        seconds = step()
        peak = usage(self.session.tree()).memory_peak_mb
        self.phases[name] = Phase(seconds=seconds, memory_peak_mb=peak)

    def _prepare(self) -> float:
        seconds = self.session.prepare()
        self.prepared_mb = self.session.workdir_mb()
        return seconds

    def _build(self) -> float:
        """Build. Checkpoints answer on the contestant's own time: training beside them gains nothing."""
        probe = self._training.probe(self.queries) if self._training else ()
        xs = {index: self.queries[index].load() for index in probe}
        if self._training:
            self.cached_share = page_cache.share(self.session.data)
        seconds = self.session.build()
        while self.session.at_checkpoint:
            answers = {index: self.session.ask(x) for index, x in xs.items()}
            seconds += sum(timed.ns for timed in answers.values()) / 1e9
            self.checkpoints_timed.append(TimedCheckpoint(seconds, answers))
            seconds += self.session.resume()
        return seconds

    def _first(self, index: int) -> float:
        timed = self._ask([self.queries[index].load()])
        self._answered([index], timed)
        return timed.ns / 1e9

    def _warm_up(self, indices: Sequence[int]) -> float:
        spent = 0.0
        for count, index in enumerate(indices):
            if count >= WARM_LEAST and spent >= WARM_S:
                break
            spent += self._first(index)
            self.warmed = count + 1
        return spent

    def _ask(self, xs: Sequence[Arrays]) -> TimedReply:
        return self.session.ask_all(xs) if self._at_once else self.session.ask(xs[0])

    def turn(self, requests: Sequence[Sequence[int]], loaded: Sequence[Sequence[Arrays]]) -> list[int]:
        """Thaw, answer one block of requests, freeze again. Returns nanoseconds a request.

        Answers are looked at after the block: work between two queries would let the side it is done
        for cool down, which costs 7 % of a query of 100 microseconds.
        """
        self.session.thaw()
        gc.disable()
        try:
            timed = [self._ask(xs) for xs in loaded]
        finally:
            gc.enable()
            self.session.freeze()
        for request, one in zip(requests, timed, strict=True):
            self._answered(request, one)
        self.splits += [(one.in_ns, one.ns - one.in_ns - one.out_ns, one.out_ns) for one in timed]
        return [one.ns for one in timed]


def ignore_answers(request: Sequence[int], timed: TimedReply) -> None:
    """For sides whose answers are asked for their time only."""
