"""Jobs are handed out fairly and once; who was lost cannot finish what another has."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from competitions.evaluation.finishing import Failed, Scored, finish
from competitions.queue import leases
from competitions.queue.submitting import allowance_of
from competitions.rules.feedback import PublicScore
from competitions.store.database import writing
from competitions.store.tables import ATTEMPTS, JOBS, RESULTS, WATCH
from tests.competitions.conftest import Play, right


def outlive(play: Play, seconds: float = 1000) -> None:
    """Let time pass: leases end, while somebody kept looking after them."""
    with writing(play.engine) as connection:
        connection.execute(sa.update(JOBS).values(lease_until=JOBS.c.lease_until - seconds))


def look(play: Play) -> int:
    return leases.reclaim(play.engine)


def test_teams_take_turns_and_each_is_served_in_its_order(play: Play) -> None:
    ann, bob, cid = (play.account(name) for name in ("ann", "bob", "cid"))
    made = [play.submit(who, right(0.6)).id for who in (ann, ann, ann, ann, bob, bob, cid)]
    order = []
    while held := leases.claim(play.engine, "w"):
        order.append(held.submission.id)
    a, b, c = made[:4], made[4:6], made[6:]
    assert order == [a[0], b[0], c[0], a[1], b[1], a[2], a[3]]


def test_a_job_has_one_holder_among_many(play: Play) -> None:
    people = [play.account(f"p{n}") for n in range(5)]
    made = {play.submit(who, right(0.6)).id for who in people for _ in range(4)}
    taken: list[int] = []

    def take(name: str) -> None:
        while held := leases.claim(play.engine, name):
            taken.append(held.submission.id)

    threads = [threading.Thread(target=take, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(made)


def test_a_lost_workers_job_goes_first_to_another_and_its_late_finish_is_refused(play: Play) -> None:
    ann, bob = play.account("ann"), play.account("bob")
    lost = play.submit(ann, right(0.6))
    play.submit(bob, right(0.6))
    look(play)
    first = leases.claim(play.engine, "slow")
    assert first is not None
    outlive(play)
    assert look(play) == 1
    play.submit(bob, right(0.6))
    second = leases.claim(play.engine, "quick")
    assert second is not None
    assert (second.submission.id, second.attempt) == (lost.id, 2)
    assert not leases.extend(play.engine, first)
    score = Scored(PublicScore(0.5), "max")
    assert not finish(play.engine, first, score)
    assert finish(play.engine, second, score)
    assert not finish(play.engine, second, score)
    with play.engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(RESULTS)) == 1
        outcomes = connection.execute(sa.select(ATTEMPTS.c.attempt, ATTEMPTS.c.outcome)).all()
    assert outcomes == [(1, "lost: its worker did not answer"), (2, "scored")]


def test_a_submission_that_ends_two_workers_is_given_up_and_costs_nothing(play: Play) -> None:
    ann = play.account("ann")
    made = play.submit(ann, right(0.6))
    look(play)
    for _ in range(2):
        assert leases.claim(play.engine, "w")
        outlive(play)
        assert look(play) == 1
    assert leases.claim(play.engine, "w") is None
    ended = play.read(made)
    assert (ended.progress.state, ended.progress.fault) == ("failed", "ours")
    assert "2 workers were lost" in ended.progress.message
    assert allowance_of(play.engine, play.hosted, ann).today == 0


def test_after_a_downtime_leases_are_extended_before_any_is_taken(play: Play) -> None:
    play.submit(play.account("ann"), right(0.6))
    look(play)
    held = leases.claim(play.engine, "w")
    assert held is not None
    outlive(play)
    with writing(play.engine) as connection:
        connection.execute(sa.update(WATCH).values(seen=WATCH.c.seen - 10_000))
    assert look(play) == 0
    assert look(play) == 0
    assert finish(play.engine, held, Failed("theirs", "no"))


def test_a_worker_that_stops_gives_its_job_back(play: Play) -> None:
    made = play.submit(play.account("ann"), right(0.6))
    held = leases.claim(play.engine, "w")
    assert held is not None
    leases.give_back(play.engine, held)
    assert play.read(made).progress.state == "queued"
    again = leases.claim(play.engine, "v")
    assert again is not None
    assert again.attempt == 2
    assert not finish(play.engine, held, Failed("theirs", "no"))


def test_a_failure_of_ours_is_told_without_its_words(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    from competitions.evaluation import worker

    def broken(*_: object) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr(worker, "judge", broken)
    made = play.submit(play.account("ann"), right(0.6))
    play.judge_all()
    ended = play.read(made)
    assert (ended.progress.state, ended.progress.fault) == ("failed", "ours")
    assert "swordfish" not in ended.progress.message
    assert "swordfish" in (play.home / "competitions" / "worker.log").read_text()
