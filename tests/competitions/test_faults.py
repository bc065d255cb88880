"""Whatever breaks: a submission has one result, every retry has its cause, and no team pays for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa

from bench.machines_queues import Clock, virtual
from competitions.evaluation import worker
from competitions.evaluation.finishing import Failed, Outcome, Scored, finish
from competitions.evaluation.worker import Bench, work_once
from competitions.queue import leases
from competitions.queue.leases import LEASE_S
from competitions.queue.submitting import allowance_of, cancel
from competitions.rules.feedback import PublicScore
from competitions.rules.refusals import Forbidden
from competitions.store.submissions import Submission
from competitions.store.tables import ATTEMPTS, RESULTS
from machines.stopping import Stopped
from tests.competitions.conftest import Play, right

HOUR_S = 3600.0
SCORED = Scored(PublicScore(0.5), "max")


def outcomes(play: Play) -> list[str]:
    with play.engine.connect() as connection:
        return list(connection.scalars(sa.select(ATTEMPTS.c.outcome).order_by(ATTEMPTS.c.attempt)))


def results(play: Play) -> int:
    with play.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(RESULTS)) or 0


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The database's clock, which the test sets."""
    made = Clock(time.time())
    with virtual(made):
        yield made


@pytest.fixture
def made(play: Play) -> Submission:
    return play.submit(play.account("ann"), right(0.6))


@pytest.mark.parametrize("skew", [HOUR_S, -HOUR_S])
def test_a_clock_that_is_set_an_hour_on_or_back_takes_no_job_from_anybody(
    play: Play, made: Submission, clock: Clock, skew: float
) -> None:
    leases.reclaim(play.engine)
    held = leases.claim(play.engine, "w")
    assert held is not None
    clock.now += skew
    assert leases.reclaim(play.engine) == 0
    assert leases.extend(play.engine, held)
    assert leases.reclaim(play.engine) == 0
    assert finish(play.engine, held, SCORED)
    assert outcomes(play) == ["scored"]
    assert play.read(made).progress.state == "scored"


@pytest.mark.parametrize("skew", [HOUR_S, -HOUR_S])
def test_a_worker_that_is_lost_when_the_clock_is_set_loses_its_job_within_two_leases(
    play: Play, made: Submission, clock: Clock, skew: float
) -> None:
    leases.reclaim(play.engine)
    assert leases.claim(play.engine, "lost")
    clock.now += skew
    lost = 0
    for _ in range(7):
        lost += leases.reclaim(play.engine)
        clock.now += LEASE_S / 3
    assert lost == 1
    second = leases.claim(play.engine, "other")
    assert second is not None
    assert finish(play.engine, second, SCORED)
    assert outcomes(play) == ["lost: its worker did not answer", "scored"]
    assert results(play) == 1
    assert play.read(made).progress.state == "scored"


def test_teams_keep_their_turns_when_the_clock_is_set_back(play: Play, clock: Clock) -> None:
    ann, bob = play.account("ann"), play.account("bob")
    made = [play.submit(who, right(0.6)).id for who in (ann, ann, ann, bob, bob)]
    order = []
    while held := leases.claim(play.engine, "w"):
        order.append(held.submission.id)
        clock.now -= HOUR_S
    assert order == [made[0], made[3], made[1], made[4], made[2]]


def test_the_same_result_delivered_twice_or_by_two_is_stored_once(play: Play, made: Submission) -> None:
    held = leases.claim(play.engine, "w")
    assert held is not None
    stored: list[bool] = []

    def deliver() -> None:
        stored.append(finish(play.engine, held, SCORED))

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(stored) == [False, True]
    assert results(play) == 1
    assert play.read(made).progress.state == "scored"


@contextmanager
def judging(monkeypatch: pytest.MonkeyPatch, judge: Callable[[threading.Event], Outcome]) -> Iterator[None]:
    """Let submissions be judged so; the event is set when the job is lost."""
    with monkeypatch.context() as patch:
        patch.setattr(worker, "judge", lambda *given: judge(given[-1]))
        yield


@pytest.mark.slow
def test_a_job_of_ten_leases_is_done_once_while_others_look_for_lost_ones(
    play: Play, made: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease_s = 1.0
    bench = Bench(play.engine, play.home, "slow", lease_s)

    def judge(stop: threading.Event) -> Outcome:
        until = time.monotonic() + 10 * lease_s
        while time.monotonic() < until:
            assert leases.reclaim(play.engine, lease_s) == 0
            assert leases.claim(play.engine, "other", lease_s) is None
            assert not stop.wait(lease_s / 3)
        return SCORED

    with judging(monkeypatch, judge):
        assert work_once(bench)
    assert outcomes(play) == ["scored"]
    assert play.read(made).progress.state == "scored"


def stops(stop: threading.Event) -> Outcome:
    assert stop.wait(10), "the worker was not told"
    raise Stopped("stopped")


def ignores(stop: threading.Event) -> Outcome:
    assert stop.wait(10), "the worker was not told"
    return SCORED


@pytest.mark.parametrize("judge", [stops, ignores])
def test_a_submission_that_runs_is_cancelled_within_two_beats_and_costs_its_attempt(
    play: Play, made: Submission, monkeypatch: pytest.MonkeyPatch, judge: Callable[[threading.Event], Outcome]
) -> None:
    bench, ann = Bench(play.engine, play.home, "w", 0.6), play.account_named("ann")
    beats: list[bool] = []

    def beat(*given: Any) -> bool:
        beats.append(leases.extend(*given))
        return beats[-1]

    def cancel_it(stop: threading.Event) -> Outcome:
        cancel(play.engine, ann, made.id)
        beats.clear()
        return judge(stop)

    monkeypatch.setattr(worker, "extend", beat)
    with judging(monkeypatch, cancel_it):
        assert work_once(bench)
    assert beats in ([False], [True, False])
    progress = play.read(made).progress
    assert (progress.state, progress.stage, progress.message) == ("cancelled", "", "cancelled by its team")
    assert (outcomes(play), results(play)) == (["cancelled"], 0)
    assert allowance_of(play.engine, play.hosted, ann).today == 1
    assert not work_once(bench)
    with pytest.raises(Forbidden, match="only a submission that waits"):
        cancel(play.engine, ann, made.id)


def test_a_submission_that_waits_first_or_again_is_cancelled_and_costs_nothing(
    play: Play, made: Submission
) -> None:
    ann = play.account_named("ann")
    again = play.submit(ann, right(0.7))
    leases.reclaim(play.engine)
    held = leases.claim(play.engine, "w")
    assert held is not None
    leases.lose(play.engine, held, "the machine broke")
    for one in (made, again):
        cancel(play.engine, ann, one.id)
        assert play.read(one).progress.state == "cancelled"
    assert not finish(play.engine, held, SCORED)
    assert leases.claim(play.engine, "w") is None
    assert outcomes(play) == ["lost: the machine broke"]
    assert allowance_of(play.engine, play.hosted, ann).today == 0


@pytest.mark.parametrize("outcome", [SCORED, Failed("theirs", "no"), Failed("ours", "no")])
def test_a_submission_that_has_ended_cannot_be_cancelled(
    play: Play, made: Submission, outcome: Outcome
) -> None:
    held = leases.claim(play.engine, "w")
    assert held is not None
    assert finish(play.engine, held, outcome)
    state = play.read(made).progress.state
    with pytest.raises(Forbidden):
        cancel(play.engine, play.account_named("ann"), made.id)
    assert play.read(made).progress.state == state
