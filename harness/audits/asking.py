"""Ask one fresh process what the audits planned, so that it cannot tell itself from a measured one.

It is warmed up as the measured process was, asked in blocks of the same size, and frozen between blocks
for as long as the reference had its turn there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from harness.audits.plugin import Seen, Setting, Step
from harness.measurement import schedule
from harness.measurement.participant import Participant
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan
from harness.measurement.schedule import Share
from harness.probes.usage import cpu_seconds
from harness.session.wire import TimedReply

if TYPE_CHECKING:
    from harness.spec import Arrays


@dataclass(frozen=True)
class Rhythm:
    """How the measured process was asked: requests a block, queries a request, the reference's seconds."""

    block: int
    width: int
    pause_s: float

    @classmethod
    def of(cls, pair: ProcessPair) -> Rhythm:
        """Read the rhythm from what a measured process left behind."""
        times = sorted([*pair.timings, *pair.lessons], key=lambda timing: timing.block)
        blocks = [list(block) for _, block in groupby(times, lambda timing: timing.block)]
        pauses = [sum(timing.reference_ns for timing in block) / 1e9 for block in blocks]
        width = max(timing.count for timing in times)
        return cls(len(blocks[0]), width, sum(pauses) / len(pauses))


class Asking:
    """One process that is taken through the steps of all audits."""

    def __init__(self, run_plan: RunPlan, setting: Setting, rhythm: Rhythm) -> None:
        self._run_plan = run_plan
        self._rng = setting.rng()
        self._rhythm = rhythm
        self._replies: list[TimedReply] = []

    def ask(self, warm_up: Sequence[int], steps: Sequence[Step]) -> list[Seen]:
        """Warm a fresh process up, follow the steps, and return what came of each."""
        seen: list[Seen] = []
        turns = schedule.turns(self._run_plan.seed, 0)
        with self._run_plan.open_session() as session:
            participant = Participant(session, self._run_plan, self._keep)
            participant.begin(Share(tuple(warm_up), ()), warm_s=float("inf"))
            session.freeze()
            for block in _blocks(steps, self._rhythm):
                if block[0][0].query is None:
                    seen += [_rest(participant, step) for step in block[0]]
                    continue
                first = next(turns)
                seen += self._turn(participant, block) if first else []
                time.sleep(self._rhythm.pause_s)
                seen += [] if first else self._turn(participant, block)
        return seen

    def _keep(self, _: Sequence[int], reply: TimedReply) -> None:
        self._replies.append(reply)

    def _turn(self, participant: Participant, block: Sequence[Sequence[Step]]) -> Iterator[Seen]:
        """Ask one block of requests, and decode the answers once the process is frozen again."""
        requests = [[step.query for step in request if step.query is not None] for request in block]
        loaded = [self._loaded(participant, request) for request in block]
        self._replies.clear()
        times = participant.turn(requests, loaded)
        replies = iter(list(self._replies))
        queries, check = self._run_plan.queries, self._run_plan.task.answer.check
        for steps, indices, ns in zip(block, requests, times, strict=True):
            if queries[indices[0]].teach:
                yield Seen(steps[0], None, ns, 0.0)
                continue
            answers = participant.session.answers(next(replies), len(indices))
            for step, index, answer in zip(steps, indices, answers, strict=True):
                yield Seen(step, check(answer, queries[index]), ns // len(indices), 0.0)

    def _loaded(self, participant: Participant, steps: Sequence[Step]) -> list[Arrays]:
        xs = participant.load([step.query for step in steps if step.query is not None])
        perturb = self._run_plan.task.answer.perturb
        if perturb is None:
            return xs
        return [
            perturb(x, self._rng) if step.perturbed else x for x, step in zip(xs, steps, strict=False)
        ] + xs[len(steps) :]


def _rest(participant: Participant, step: Step) -> Seen:
    """Leave the process unfrozen and unasked, and read its CPU time."""
    session = participant.session
    session.thaw()
    before = cpu_seconds(session.tree())
    time.sleep(step.rest_s)
    rested = cpu_seconds(session.tree()) - before
    session.freeze()
    return Seen(step, None, 0, rested)


def _blocks(steps: Sequence[Step], rhythm: Rhythm) -> Iterator[list[list[Step]]]:
    """Divide the steps into blocks of requests; a rest is a block of its own."""
    for resting, run in groupby(steps, lambda step: step.query is None):
        requests = list(_requests(list(run), 1 if resting else rhythm.width))
        size = 1 if resting else rhythm.block
        for start in range(0, len(requests), size):
            yield requests[start : start + size]


def _requests(steps: Sequence[Step], width: int) -> Iterator[list[Step]]:
    """Put steps that need not be timed one by one into requests as wide as the measured ones."""
    request: list[Step] = []
    for step in steps:
        if request and (step.alone or request[-1].alone or len(request) == width):
            yield request
            request = []
        request.append(step)
    if request:
        yield request
