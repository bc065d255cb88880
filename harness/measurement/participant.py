"""Take one session through its phases and time its queries, block by block.

The submission and the reference go exactly the same way, so that what this costs meets both alike.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from harness.measurement.message_sizes import message_bytes
from harness.measurement.run_plan import RunPlan
from harness.measurement.schedule import Share
from harness.probes.usage import cpu_ns, resident_mb
from harness.record import Phase
from harness.session.session import Session
from harness.session.wire import TimedReply
from harness.spec import BuildLog

if TYPE_CHECKING:
    from harness.spec import Arrays

WARM_S = 0.3
WARM_LEAST = 3
WARM_BLOCK = 16


class Participant:
    """One side of a pair: a session that is taken through its phases and asked block by block."""

    def __init__(
        self, session: Session, run_plan: RunPlan, answered: Callable[[Sequence[int], TimedReply], None]
    ) -> None:
        self.session = session
        self.phases: dict[str, Phase] = {}
        self.queries = run_plan.queries
        self.warmed = 1
        self.now = "start"
        self.build_log = BuildLog()
        self.splits: list[tuple[int, int, int]] = []
        self.sent: list[int] = []
        self.lesson_costs: list[tuple[float, float]] = []
        self._interaction = run_plan.task.interaction
        self._answered = answered
        self._at_once = run_plan.scenario in {"multi_stream", "offline"}

    def begin(self, share: Share, warm_s: float = WARM_S) -> None:
        """Take the session from nothing to warm, noting time and peak memory of each phase.

        Between requests it is frozen, so that every second of its work is in the time of a phase.
        """
        self.start()
        for name, step in self._interaction.phases(self.session, self.queries, self.build_log).items():
            self.phase(name, step)
        self.warm_up(share, warm_s)

    def start(self) -> None:
        """Start the session and import the submission; from here on it is frozen between requests."""
        self.phase("start", self.session.start)
        self.session.freeze()
        self.session.resting = True
        self.phase("import", self.session.load)

    def warm_up(self, share: Share, warm_s: float = WARM_S) -> None:
        """Ask the warm-up's queries, or as many as take ``warm_s`` seconds; thawed from here on."""
        self.phase("first_query", lambda: self._first(share.warm_up[0]))
        self.session.resting = False
        self.phase("warm_up", lambda: self._warm_up(share.warm_up[1:], warm_s))
        self.session.thaw()

    @property
    def query_s(self) -> float:
        """The mean seconds that a query of the warm-up took."""
        return self.phases["warm_up"].seconds / self.warmed

    def phase(self, name: str, step: Callable[[], float]) -> None:
        """Run one phase; ``step`` returns its seconds."""
        self.now = name
        self.session.begin_memory_peak()
        seconds = step()
        self.phases[name] = Phase(seconds=seconds, memory_peak_mb=self.session.memory_peak_mb())

    def _first(self, index: int) -> float:
        timed = self._ask([self.queries[index].load()])
        self._answered([index], timed)
        return timed.ns / 1e9

    def _warm_up(self, indices: Sequence[int], warm_s: float) -> float:
        """Ask block by block, frozen while queries are loaded and answers looked at; return seconds."""
        seconds, asked = 0.0, 0
        while asked < len(indices) and (asked < WARM_LEAST or seconds < warm_s):
            size = WARM_BLOCK if asked >= WARM_LEAST else WARM_LEAST
            block = indices[asked : asked + size]
            loaded = [[self.queries[index].load()] for index in block]
            replies: list[TimedReply] = []
            self.session.thaw()
            for xs in loaded:
                if asked >= WARM_LEAST and seconds >= warm_s:
                    break
                replies.append(self._ask(xs))
                asked, seconds = asked + 1, seconds + replies[-1].ns / 1e9
            self.session.freeze()
            for index, reply in zip(block, replies, strict=False):
                self._answered([index], reply)
        self.warmed = max(1, asked)
        return seconds

    def load(self, request: Sequence[int]) -> list[Arrays]:
        """Load the arrays of one request: those of its queries, or input and label of a lesson."""
        queries = [self.queries[index] for index in request]
        labels = [query.teach() for query in queries if query.teach]
        return [*(query.load() for query in queries), *labels]

    def _ask(self, xs: Sequence[Arrays]) -> TimedReply:
        return self.session.ask_all(xs) if self._at_once else self.session.ask(xs[0])

    def _teach(self, xs: Sequence[Arrays]) -> TimedReply:
        """Teach one lesson and note the CPU seconds and the growth of memory in 10**6 bytes."""
        tree = self.session.tree()
        cpu, memory = cpu_ns(tree), resident_mb(tree)
        reply = self.session.update(*xs)
        tree = self.session.tree()
        self.lesson_costs.append(((cpu_ns(tree) - cpu) / 1e9, resident_mb(tree) - memory))
        return reply

    def turn(self, requests: Sequence[Sequence[int]], loaded: Sequence[Sequence[Arrays]]) -> list[int]:
        """Thaw, answer one block of requests, freeze again. Returns nanoseconds a request.

        Answers are looked at after the block: work between two queries would let the side it is done
        for cool down, which costs 7 % of a query of 100 microseconds.
        """
        lessons = [self.queries[request[0]].teach is not None for request in requests]
        steps = [self._teach if lesson else self._ask for lesson in lessons]
        self.session.thaw()
        gc.disable()
        try:
            replies = [step(xs) for step, xs in zip(steps, loaded, strict=True)]
        finally:
            gc.enable()
            self.session.freeze()
        for request, xs, reply, lesson in zip(requests, loaded, replies, lessons, strict=True):
            if not lesson:
                self._answered(request, reply)
                copying_ns = reply.in_ns + reply.out_ns
                self.splits.append((reply.in_ns, reply.ns - copying_ns, reply.out_ns))
                self.sent.append(sum(map(message_bytes, xs)))
        return [reply.ns for reply in replies]


def ignore_answers(request: Sequence[int], timed: TimedReply) -> None:
    """Ignore answers, for sessions that are asked for their time only."""
