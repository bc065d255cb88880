"""Figures of the queue and of the machines in Prometheus' text format, version 0.0.4."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from starlette.requests import Request
from starlette.responses import Response

from competitions.api.identity import service_of
from competitions.store.database import clock, reading
from competitions.store.tables import ATTEMPTS, JOBS, SUBMISSIONS
from machines.canary import CanaryHistory, drifts
from machines.enrolment import Enrolment
from machines.sightings import Sightings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ALL_STATES = ("queued", "running", "scored", "failed", "cancelled")


@dataclass(frozen=True)
class Family:
    """One metric: its samples by their labels, in the order of ``labels``."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    samples: Mapping[tuple[str, ...], float]

    def lines(self) -> Iterator[str]:
        """Yield the lines of the text format."""
        yield f"# HELP {self.name} {self.help}"
        yield f"# TYPE {self.name} {self.kind}"
        for values, number in self.samples.items():
            pairs = ",".join(
                f'{name}="{_escaped(value)}"' for name, value in zip(self.labels, values, strict=True)
            )
            yield f"{self.name}{{{pairs}}} {number:.17g}" if pairs else f"{self.name} {number:.17g}"


def metrics(request: Request) -> Response:
    """Answer a scrape."""
    service = service_of(request)
    return Response(exposition(service.engine, service.home), headers={"content-type": CONTENT_TYPE})


def exposition(engine: sa.Engine, home: Path) -> str:
    """Return all figures of a home as text."""
    families = [*_of_queue(engine), *_of_machines(home)]
    return "".join(f"{line}\n" for family in families for line in family.lines())


def _of_queue(engine: sa.Engine) -> Sequence[Family]:
    states = sa.select(SUBMISSIONS.c.state, sa.func.count()).group_by(SUBMISSIONS.c.state)
    waiting = JOBS.c.state == "queued"
    depth = sa.select(JOBS.c.profile, sa.func.count()).where(waiting).group_by(JOBS.c.profile)
    oldest = sa.select(sa.func.min(SUBMISSIONS.c.created)).where(SUBMISSIONS.c.state == "queued")
    outcomes = sa.select(ATTEMPTS.c.outcome, sa.func.count()).group_by(ATTEMPTS.c.outcome)
    queued: dict[tuple[str, ...], float]
    waited: dict[tuple[str, ...], float]
    with reading(engine) as connection:
        counts = {state: float(count) for state, count in connection.execute(states)}
        queued = {(profile,): float(count) for profile, count in connection.execute(depth)}
        created = connection.scalar(oldest)
        waited = {(): 0.0 if created is None else max(clock(connection) - created, 0.0)}
        ends: Counter[str] = Counter()
        for outcome, count in connection.execute(outcomes):
            ends[outcome.partition(":")[0] or "running"] += count
    return (
        Family("photofinish_submissions", "gauge", "Submissions by state.", ("state",),
               {(state,): counts.get(state, 0.0) for state in _ALL_STATES}),
        Family("photofinish_queue_jobs", "gauge", "Jobs that wait, by profile.", ("profile",), queued),
        Family("photofinish_queue_oldest_seconds", "gauge", "How long the oldest job waits.", (),
               waited),
        Family("photofinish_attempts", "gauge", "Attempts at jobs by what came of them.", ("outcome",),
               {(outcome,): float(count) for outcome, count in sorted(ends.items())}),
    )  # fmt: skip


def _of_machines(home: Path) -> Sequence[Family]:
    enrolled = Enrolment(home).all()
    seen, found = Sightings(home).all(), drifts(CanaryHistory(home).runs())
    names = {key: machine.name for key, machine in enrolled.items()}
    return (
        Family("photofinish_machine", "gauge", "Enrolled machines: always 1, by name and state.",
               ("machine", "state"), {(each.name, each.state): 1.0 for each in enrolled.values()}),
        Family("photofinish_machine_beat_age_seconds", "gauge", "Time since a machine last answered.",
               ("machine",), {(names[key],): time.time() - seen[key].at for key in names if key in seen}),
        Family("photofinish_machine_busy", "gauge", "Whether a machine evaluates.", ("machine",),
               {(names[key],): float(bool(seen[key].runs)) for key in names if key in seen}),
        Family("photofinish_machine_canary_ratio", "gauge", "The frozen entry's time over the reference's.",
               ("machine", "class"),
               {(names[key], drift.latest.hardware_class): drift.latest.ratio.value
                for key, drift in found.items() if key in names}),
    )  # fmt: skip


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
