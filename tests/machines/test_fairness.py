"""Machines are shared fairly, however much one team submits, and the simulated rule is the queue's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.machines_database import add_teams
from bench.machines_queues import Clock, SimulatedQueue, StoredQueue, job_values, submission_values, virtual
from bench.machines_simulated import SMALL, both
from competitions.store.database import open_database, writing
from competitions.store.tables import JOBS, SUBMISSIONS

MANY, FEW = 500, 5


def stored(folder: Path, clock: Clock) -> StoredQueue:
    """The queue in a database, where one team's many jobs wait already."""
    engine = open_database(folder)
    first = add_teams(engine, 2)
    with writing(engine) as connection:
        connection.execute(
            SUBMISSIONS.insert(), [submission_values(n, first, 1.0) for n in range(1, MANY + 1)]
        )
        connection.execute(JOBS.insert(), [job_values(n, first) for n in range(1, MANY + 1)])
    return StoredQueue(engine, clock, first)


def simulated(_folder: Path, clock: Clock) -> SimulatedQueue:
    """The rule in memory, where one team's many jobs wait already."""
    queue = SimulatedQueue(clock)
    for number in range(1, MANY + 1):
        queue.accept(number, 1)
    return queue


@pytest.mark.parametrize("machines", [1, 2, 3, 8])
@pytest.mark.parametrize("made", [stored, simulated])
def test_a_team_of_five_waits_for_at_most_five_jobs_of_another_on_each_machine(
    tmp_path: Path, made, machines: int
) -> None:
    clock = Clock()
    with virtual(clock):
        queue = made(tmp_path, clock)

        def handed_out() -> list[int]:
            clock.now += 1
            return [held.job for machine in range(machines) if (held := queue.claim(machine))]

        others = len(handed_out())  # every machine works for the team of many when the other comes
        for number in range(FEW):
            queue.accept(MANY + 1 + number, 2)
        begun: list[int] = []
        while len(begun) < FEW:
            jobs = handed_out()
            begun += [job for job in jobs if job > MANY]
            others += sum(job <= MANY for job in jobs)
    assert begun == [MANY + 1 + number for number in range(FEW)]
    assert others / machines <= FEW


@pytest.mark.slow
def test_the_queue_and_its_simulation_hand_out_the_same_jobs(tmp_path: Path) -> None:
    in_database, in_memory = both(SMALL, tmp_path)
    assert in_database.lost > 20
    assert in_database.handed_out == in_memory.handed_out
    assert in_database.ended == in_memory.ended
