"""What each call on the queue costs a real database that is full, for ``bench.machines_simulated``."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import sqlalchemy as sa

from bench.competition_field import Field, field, predictions
from bench.machines_queues import job_values, submission_values
from competitions.evaluation.finishing import Failed, finish
from competitions.queue import leases
from competitions.queue.submitting import Intake, submit
from competitions.queue.uploads import announce, find_upload
from competitions.store import people
from competitions.store.database import writing
from competitions.store.hosted import find
from competitions.store.tables import JOBS, SUBMISSIONS, TEAMS

TIMES = 100
_PIECE = 20_000


@contextmanager
def full(kind: str, folder: Path, teams: int, waiting: int) -> Iterator[Field]:
    """Make a database of this kind in which so many jobs of so many teams wait."""
    with field(kind, folder, 1) as made:
        first = add_teams(made.engine, teams)
        fill(made.engine, first, teams, waiting)
        yield made


def add_teams(engine: sa.Engine, teams: int) -> int:
    """Insert teams and return the number of the first."""
    columns = {"competition": "load", "disqualified": "", "created": 0.0, "served": 0.0}
    with writing(engine) as connection:
        first = int(connection.scalar(sa.select(sa.func.coalesce(sa.func.max(TEAMS.c.id), 0))) or 0) + 1
        named = [{"name": f"n{n}", "name_key": f"k{n}"} for n in range(teams)]
        connection.execute(sa.insert(TEAMS), [{**columns, **each} for each in named])
    return first


def fill(engine: sa.Engine, first_team: int, teams: int, waiting: int) -> None:
    """Insert jobs that wait, each team's in its turn."""
    for start in range(1, waiting + 1, _PIECE):
        jobs = [(n, first_team + n % teams) for n in range(start, min(start + _PIECE, waiting + 1))]
        with writing(engine) as connection:
            connection.execute(sa.insert(SUBMISSIONS), [submission_values(n, team, 1.0) for n, team in jobs])
            connection.execute(sa.insert(JOBS), [job_values(n, team) for n, team in jobs])
    if engine.dialect.name == "postgresql":
        _go_on_from(engine, waiting)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("ANALYZE")


def _go_on_from(engine: sa.Engine, number: int) -> None:
    """Let PostgreSQL number further submissions from here on; it does not see numbers that were given."""
    sequence = sa.func.pg_get_serial_sequence(SUBMISSIONS.name, "id")
    with writing(engine) as connection:
        connection.execute(sa.select(sa.func.setval(sequence, number)))


def costs(made: Field) -> dict[str, float]:
    """Return the median seconds of each call, one caller at a time, with all that the call waits for."""
    engine, held, number = made.engine, list[leases.Claim](), itertools.count()

    def claim() -> None:
        taken = leases.claim(engine, "machine")
        assert taken is not None
        held.append(taken)

    calls: dict[str, Callable[[], object]] = {
        "accept": _accept(made),
        "claim": claim,
        "extend": lambda: leases.extend(engine, held[0]),
        "stage": lambda: leases.tell_stage(engine, held[0], f"evaluation ({next(number)} of 9)"),
        "look": lambda: leases.reclaim(engine),
        "finish": lambda: finish(engine, held.pop(), Failed("theirs", "measured")),
    }
    return {name: _median_s(call) for name, call in calls.items()}


def _accept(made: Field) -> Callable[[], object]:
    """Return a call that hands in a small file: announced, written and accepted."""
    engine, text = made.engine, predictions(1)
    account = people.by_token(engine, made.tokens[0])
    intake, hosted = Intake(engine, made.home), find(engine, "load")

    def accept() -> None:
        token = announce(engine, hosted, account, "mine.csv", len(text))
        path = find_upload(engine, made.home, token).path
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
        submit(intake, "load", hosted.competition.profiles[0], account, token)

    return accept


def _median_s(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return median(taken)
