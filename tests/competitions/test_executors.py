"""What a worker does when the machine that evaluates is lost, busy or of another profile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from competitions.evaluation import worker
from competitions.evaluation.finishing import Failed, Outcome
from competitions.evaluation.worker import Bench, work_once
from competitions.queue import leases
from competitions.queue.submitting import allowance_of
from competitions.store.tables import ATTEMPTS, JOBS
from machines.executor import Evaluator, MachineLost, NoMachine
from tests.competitions.conftest import Play, right


class Machines:
    """An executor of machines for some profiles; nothing is evaluated."""

    def __init__(self, *profiles: str) -> None:
        self.profiles = profiles

    def free_profiles(self) -> tuple[str, ...]:
        return self.profiles

    @contextmanager
    def reserved(self, profile: str, _stop: threading.Event | None = None) -> Iterator[Evaluator]:
        raise AssertionError(profile)
        yield


def bench(play: Play, *profiles: str) -> Bench:
    return Bench(play.engine, play.home, "w", executor=Machines(*profiles))


def judged(monkeypatch: pytest.MonkeyPatch, *ends: Exception | Outcome) -> None:
    """Let the next judgements end so."""
    left: Iterator[Exception | Outcome] = iter(ends)

    def judge(*_: object) -> Outcome:
        end = next(left)
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setattr(worker, "judge", judge)


def outcomes(play: Play) -> list[str]:
    with play.engine.connect() as connection:
        return list(connection.scalars(sa.select(ATTEMPTS.c.outcome).order_by(ATTEMPTS.c.attempt)))


def test_a_lost_machines_job_is_tried_again_and_the_cause_is_kept(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = play.submit(play.account("ann"), right(0.6))
    judged(monkeypatch, MachineLost("the node died"), Failed("theirs", "it failed"))
    assert work_once(bench(play))
    assert play.read(made).progress.state == "queued"
    assert work_once(bench(play))
    assert outcomes(play) == ["lost: the node died", "failed: theirs"]
    assert play.read(made).progress.message == "it failed"


def test_a_submission_that_ends_two_machines_is_given_up_and_costs_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = play.account("ann")
    made = play.submit(ann, right(0.6))
    judged(monkeypatch, MachineLost("died"), MachineLost("died again"))
    assert work_once(bench(play))
    assert work_once(bench(play))
    assert not work_once(bench(play))
    ended = play.read(made).progress
    assert (ended.state, ended.fault) == ("failed", "ours")
    assert outcomes(play) == ["lost: died", "lost: died again"]
    assert allowance_of(play.engine, play.hosted, ann).today == 0


def test_a_job_for_which_no_machine_is_left_waits_and_loses_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = play.submit(play.account("ann"), right(0.6))
    judged(monkeypatch, NoMachine("busy"), Failed("theirs", "it failed"))
    assert not work_once(bench(play))
    assert play.read(made).progress.state == "queued"
    with play.engine.connect() as connection:
        assert connection.scalar(sa.select(JOBS.c.losses)) == 0
    assert work_once(bench(play))
    assert play.read(made).progress.state == "failed"


@pytest.mark.parametrize(("free", "taken"), [((), False), (("cpu",), False), (("edge",), True)])
def test_only_jobs_for_free_profiles_are_taken(play: Play, free: tuple[str, ...], *, taken: bool) -> None:
    made = play.submit(play.account("ann"), right(0.6))
    with play.engine.begin() as connection:
        connection.execute(sa.update(JOBS).where(JOBS.c.submission == made.id).values(profile="edge"))
    claim: Callable[..., leases.Claim | None] = leases.claim
    assert (claim(play.engine, "w", 30.0, free) is not None) == taken


def test_predictions_are_scored_where_no_machine_is_free(play: Play) -> None:
    made = play.submit(play.account("ann"), right(0.6))
    assert work_once(bench(play))
    assert play.read(made).progress.state == "scored"
