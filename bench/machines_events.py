"""Machines and submissions as events on a virtual clock, for ``bench.machines_simulated``."""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from bench.machines_queues import LOOK_S, Clock, Held, Queue

_ARRIVES, _ENDS, _RETURNS, _LOOKS = range(4)
_AWAY_S = 600.0
DAY_S = 86_400.0


@dataclass(frozen=True)
class Load:
    """What is simulated: ``job_s`` is the mean duration; ``lost`` the share of attempts whose machine fails.

    ``burst`` of the submissions come in the last twelfth of ``span_s`` before the deadline, most of them at
    its end, the others evenly over the whole of it.
    """

    machines: int
    submissions: int
    teams: int
    job_s: float = 60.0
    burst: float = 0.7
    lost: float = 0.001
    span_s: float = DAY_S

    def arrivals(self, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return the times, ascending, and the teams of the submissions; few teams make most of them."""
        late = rng.random(self.submissions) < self.burst
        before_end = rng.exponential(self.span_s / 48, self.submissions) % (self.span_s / 12)
        early = rng.uniform(0.0, self.span_s, self.submissions)
        times = np.where(late, self.span_s - before_end, early)
        weights = 1.0 / np.arange(1, self.teams + 1) ** 0.9
        return np.sort(times), rng.choice(self.teams, self.submissions, p=weights / weights.sum()) + 1


@dataclass
class Seen:
    """What came of a simulation: waiting times by job, what was handed out, and calls by their minute."""

    waits: np.ndarray
    handed_out: list[tuple[float, int, int, int]] = field(default_factory=list)
    """Time, machine, job and attempt, where a trace was asked for."""
    ended: int = 0
    refused: int = 0
    lost: int = 0
    last: float = 0.0
    deepest: int = 0
    calls: dict[str, Counter[int]] = field(default_factory=dict)

    def count(self, call: str, now: float, times: int = 1) -> None:
        """Count calls in the minute of ``now``."""
        self.calls.setdefault(call, Counter())[int(now // 60)] += times

    def peak(self, call: str) -> float:
        """Return the calls a second in the busiest minute of this call."""
        return max(self.calls.get(call, {0: 0}).values()) / 60


class Simulation:
    """One simulation: every event happens at its time, in one order for every queue."""

    def __init__(self, load: Load, queue: Queue, clock: Clock, *, trace: bool = False) -> None:
        self._load, self._queue, self._clock, self._trace = load, queue, clock, trace
        self._rng = np.random.default_rng(1)
        self._times, self._teams = load.arrivals(np.random.default_rng(0))
        self._times += 1.0
        self._free = list(range(load.machines))
        self._busy: dict[int, Held] = {}
        self._events: list[tuple[float, int, int, Held | None]] = []
        self._waiting = 0
        self.seen = Seen(np.full(load.submissions, np.nan))

    def run(self) -> Seen:
        """Let everything happen, until every job has ended."""
        self._at(float(self._times[0]), _ARRIVES, 0)
        self._at(self._clock.now, _LOOKS, 0)
        while self._events:
            now, kind, number, held = heapq.heappop(self._events)
            self._clock.now = now
            if kind == _ARRIVES:
                self._arrive(number)
            elif kind == _LOOKS:
                self._look()
            else:
                self._end(number, held)
            self._hand_out()
        return self.seen

    def _at(self, time: float, kind: int, number: int, held: Held | None = None) -> None:
        heapq.heappush(self._events, (time, kind, number, held))

    def _arrive(self, number: int) -> None:
        self._queue.accept(number + 1, int(self._teams[number]))
        self.seen.count("accept", self._clock.now)
        self._waiting += 1
        self.seen.deepest = max(self.seen.deepest, self._waiting)
        if number + 1 < len(self._times):
            self._at(float(self._times[number + 1]), _ARRIVES, number + 1)

    def _hand_out(self) -> None:
        """Give jobs to free machines while there are both."""
        now = self._clock.now
        while self._free and self._waiting:
            held = self._queue.claim(self._free[0])
            if held is None:  # what was lost twice does not wait again
                self._waiting = 0
                break
            machine = heapq.heappop(self._free)
            self._waiting -= 1
            self.seen.count("claim", now)
            if self._trace:
                self.seen.handed_out.append((now, machine, held.job, held.attempt))
            if held.attempt == 1:
                self.seen.waits[held.job - 1] = now - self._times[held.job - 1]
            seconds = float(self._rng.exponential(self._load.job_s))
            if self._rng.random() < self._load.lost:  # no beat from now on; an answer comes long after
                self._at(now + _AWAY_S, _RETURNS, machine, held)
            else:
                self._busy[machine] = held
                self._at(now + seconds, _ENDS, machine, held)

    def _end(self, machine: int, held: Held | None) -> None:
        """Store a result, which is refused where the job was lost; the machine is free."""
        self._busy.pop(machine, None)
        if held is not None:
            stored = self._queue.finish(held)
            self.seen.ended, self.seen.refused = self.seen.ended + stored, self.seen.refused + (not stored)
        self.seen.count("finish", self._clock.now)
        self.seen.last = self._clock.now
        heapq.heappush(self._free, machine)

    def _look(self) -> None:
        """Prolong the leases of machines that answer, and take away those of others."""
        now = self._clock.now
        for machine in sorted(self._busy):
            self._queue.extend(self._busy[machine])
        self.seen.count("extend", now, len(self._busy))
        lost = self._queue.look()
        self.seen.count("look", now)
        self.seen.lost += lost
        self._waiting += lost
        if self._events:
            self._at(now + LOOK_S, _LOOKS, 0)
