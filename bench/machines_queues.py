"""The competition queue twice behind a virtual clock: its own code on a database, and its rule in memory.

``StoredQueue`` calls what workers call. ``SimulatedQueue`` decides by the rule of
``competitions.queue.choosing``; ``bench.machines_simulated`` shows that both decide the same.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Protocol
from unittest import mock

import sqlalchemy as sa

from competitions.evaluation.finishing import Failed, finish
from competitions.queue import leases
from competitions.queue.choosing import STEP_S
from competitions.queue.leases import LEASE_S, MOST_LOSSES
from competitions.store import database
from competitions.store.tables import JOBS, SUBMISSIONS

LOOK_S = LEASE_S / 3
"""How often a worker prolongs its lease and looks after those of others."""


@dataclass
class Clock:
    """A clock that stands until it is set, in seconds."""

    now: float = 1.0


@dataclass(frozen=True)
class Held:
    """A job that a machine has, as its ``attempt``-th holder; ``claim`` is what the database gave."""

    job: int
    attempt: int
    claim: leases.Claim | None = None


class Queue(Protocol):
    """What the simulated machines call."""

    def accept(self, job: int, team: int) -> None:
        """Accept a submission; jobs and teams are numbered from 1 in their order."""
        ...

    def claim(self, machine: int) -> Held | None:
        """Hand out the next job."""
        ...

    def extend(self, held: Held) -> None:
        """Prolong a lease."""
        ...

    def finish(self, held: Held) -> bool:
        """Store a result; False where the job is another's by now."""
        ...

    def look(self) -> int:
        """Take jobs away whose lease has ended, and return how many."""
        ...


@dataclass
class _Job:
    number: int
    team: int
    attempt: int = 0
    losses: int = 0
    lease_until: float | None = None


@dataclass
class SimulatedQueue:
    """The rule in memory; each call takes some microseconds, however many jobs wait."""

    clock: Clock
    served: dict[int, tuple[float, int]] = field(default_factory=dict)
    _last: float = 0.0
    _waiting: dict[int, deque[_Job]] = field(default_factory=dict)
    _turns: list[tuple[float, int]] = field(default_factory=list)
    _lost: list[_Job] = field(default_factory=list)
    _running: dict[int, _Job] = field(default_factory=dict)

    def accept(self, job: int, team: int) -> None:
        """Put a job at the end of its team's."""
        jobs = self._waiting.setdefault(team, deque())
        if not jobs:
            heapq.heappush(self._turns, self.served.setdefault(team, (0.0, team)))
        jobs.append(_Job(job, team))

    def claim(self, machine: int) -> Held | None:  # noqa: ARG002
        """Choose as ``next_job`` does: a lost job, else the oldest of the team served longest ago."""
        if self._lost:
            job = min(self._lost, key=lambda each: (self.served[each.team][0], each.number))
            self._lost.remove(job)
            self._serve(job.team)
        else:
            while self._turns and self._turns[0] != self.served[self._turns[0][1]]:
                heapq.heappop(self._turns)  # the team was served a lost job since
            if not self._turns:
                return None
            _, team = heapq.heappop(self._turns)
            job = self._waiting[team].popleft()
            self._serve(team)
        job.attempt, job.lease_until = job.attempt + 1, self.clock.now + LEASE_S
        self._running[job.number] = job
        return Held(job.number, job.attempt)

    def extend(self, held: Held) -> None:
        """Prolong the lease of a job that is still the machine's."""
        job = self._running.get(held.job)
        if job is not None and job.attempt == held.attempt:
            job.lease_until = self.clock.now + LEASE_S

    def finish(self, held: Held) -> bool:
        """End a job that is still the machine's."""
        job = self._running.get(held.job)
        if job is None or job.attempt != held.attempt:
            return False
        del self._running[held.job]
        return True

    def look(self) -> int:
        """Take jobs away whose lease has ended; one that was lost twice is given up."""
        ended = [job for job in self._running.values() if (job.lease_until or 0.0) < self.clock.now]
        for job in ended:
            del self._running[job.number]
            job.losses += 1
            if job.losses < MOST_LOSSES:
                self._lost.append(job)
        return len(ended)

    def _serve(self, team: int) -> None:
        self._last = max(self.clock.now, self._last + STEP_S)
        self.served[team] = (self._last, team)
        if self._waiting.get(team):
            heapq.heappush(self._turns, self.served[team])


@dataclass(frozen=True)
class StoredQueue:
    """The queue as workers use it, in a database; only acceptance is written directly, without a file."""

    engine: sa.Engine
    clock: Clock
    first_team: int

    def accept(self, job: int, team: int) -> None:
        """Insert a submission and its job, as ``competitions.queue.submitting`` does."""
        number = self.first_team + team - 1
        with database.writing(self.engine) as connection:
            connection.execute(sa.insert(SUBMISSIONS).values(submission_values(job, number, self.clock.now)))
            connection.execute(sa.insert(JOBS).values(job_values(job, number)))

    def claim(self, machine: int) -> Held | None:
        """Claim as a worker does."""
        claim = leases.claim(self.engine, f"machine-{machine}")
        return Held(claim.submission.id, claim.attempt, claim) if claim else None

    def extend(self, held: Held) -> None:
        """Prolong a lease as a worker does."""
        if held.claim is not None:
            leases.extend(self.engine, held.claim)

    def finish(self, held: Held) -> bool:
        """Store a result as a worker does."""
        return held.claim is not None and finish(self.engine, held.claim, Failed("theirs", "simulated"))

    def look(self) -> int:
        """Look after leases as a worker does."""
        return leases.reclaim(self.engine)


@contextmanager
def virtual(clock: Clock) -> Iterator[None]:
    """Let SQLite's clock be the virtual one for the block."""
    with mock.patch.object(database, "time", SimpleNamespace(time=lambda: clock.now)):
        yield


def submission_values(job: int, team: int, created: float) -> dict[str, object]:
    """Return the columns of a submission that waits."""
    texts = dict.fromkeys(("path", "sha256", "description", "stage", "fault", "message"), "")
    numbers = {"team": team, "account": 1, "bytes": 1, "late": 0, "final": 0}
    named = {"competition": "load", "profile": "predictions", "kind": "code", "file_name": "mine.py"}
    return {"id": job, **texts, **numbers, **named, "state": "queued", "created": created}


def job_values(job: int, team: int) -> dict[str, object]:
    """Return the columns of a job that waits."""
    numbers = {"submission": job, "team": team, "attempt": 0, "losses": 0, "lease_until": 0.0}
    return {**numbers, "state": "queued", "worker": "", "profile": "predictions"}
