"""Trusted work over machines gives the bytes of one process, whatever machines do, without Ray."""

from __future__ import annotations

import fcntl
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from harness.fanning import Left
from harness.intake.lookup import find_task
from harness.measurement import machine_lock
from harness.portable import OwnFile
from harness.scoring.stored import AskedTask, StoredAnswers, score_stored
from harness.spec import DataRequest
from harness.spec.errors import UserError
from machines.bundles import Bundle, Results, bundled
from machines.enrolment import Enrolment
from machines.executor import NoMachine
from machines.ray_cluster import Patience
from machines.stopping import Stopped
from machines.working import work_through, working_at
from tests.machines.fake_machines import (
    Forge,
    Machine,
    Play,
    Work,
    as_it_is,
    dies,
    digest,
    of_another_processor,
    of_fewer_items,
    sent_again,
    signed_by_another,
    unsigned,
    with_a_full_disk,
)

TINY = str(Path(__file__).parents[1] / "fixtures" / "tiny" / "task.py")


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    monkeypatch.setattr("machines.machine_fan._AGAIN_S", 0.05)
    made = Play(tmp_path / "host", Machine(tmp_path / "one"), Machine(tmp_path / "two"))
    for machine in (made.one, made.two):
        Enrolment(made.home).enrol(machine.home.name, machine.node.machine.public_key)
    return made


ITEMS = list(range(40))
EXPECTED = [digest(number) for number in ITEMS[1:]]


def test_machines_share_the_work_and_the_bytes_are_those_of_one_process(play: Play) -> None:
    assert list(play.done(ITEMS)) == EXPECTED
    assert sum(play.one.done) + sum(play.two.done) == len(EXPECTED) + 2, "each did the known item once"
    assert min(len(play.one.done), len(play.two.done)) >= 1
    assert play.told == []


BAD = {
    dies: "was lost",
    unsigned: "its key did not sign",
    signed_by_another: "its key did not sign",
    sent_again: "its key did not sign",
    of_another_processor: "other bytes",
    of_fewer_items: "1 results of",
    with_a_full_disk: "No space left",
}


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.__name__)
@pytest.mark.parametrize("both", [False, True], ids=["one", "both"])
def test_a_machine_that_is_lost_or_forges_costs_nothing_but_time(
    play: Play, bad: Forge, *, both: bool
) -> None:
    play.one.forge = bad
    play.two.forge = bad if both else as_it_is
    assert list(play.done(ITEMS)) == EXPECTED
    assert "machine one is left out" in " ".join(play.told) or both
    assert all(BAD[bad] in line for line in play.told)
    assert len(play.told) in ((1, 2) if both else (1,))


def test_a_machine_that_is_not_enrolled_or_has_other_code_gets_nothing(play: Play) -> None:
    Enrolment(play.home).set_state("one", "quarantined", "times drift")
    play.two.code = "0" * 16
    assert list(play.done(ITEMS)) == EXPECTED
    assert play.one.done == play.two.done == []
    assert play.told == ["no enrolled machine with this code version answers; the work is done here"]


def test_what_a_machine_returns_after_it_was_quarantined_is_refused(play: Play) -> None:
    def late(_machine: Machine, _bundle: Bundle, work: Work, _patience: Patience) -> Results:
        results = work()
        Enrolment(play.home).set_state("one", "quarantined")
        return results

    play.one.forge = late
    assert list(play.done(ITEMS)) == EXPECTED
    assert "it may not work any more" in play.told[0]


def test_an_item_that_cannot_be_done_raises_in_its_place_as_in_one_process(play: Play) -> None:
    done = play.done(list(range(60)))
    values = []
    with pytest.raises(UserError, match="47 is not here"):
        for value in done:
            values.append(value)  # noqa: PERF402
    assert values == [digest(number) for number in range(1, 47)]


def test_a_machine_on_which_something_is_timed_is_asked_again_later(play: Play) -> None:
    asked = []

    def busy(_machine: Machine, _bundle: Bundle, work: Work, _patience: Patience) -> Results:
        asked.append(time.monotonic())
        if len(asked) < 3:
            raise NoMachine("busy")
        return work()

    def slowly(_machine: Machine, _bundle: Bundle, work: Work, _patience: Patience) -> Results:
        time.sleep(0.1)
        return work()

    play.one.forge, play.two.forge = busy, slowly
    assert list(play.done(ITEMS)) == EXPECTED
    assert len(asked) >= 3
    assert play.told == []


def test_the_end_of_the_work_ends_what_machines_do(play: Play) -> None:
    stopped, at_work = [], threading.Event()

    def endless(machine: Machine, _bundle: Bundle, work: Work, patience: Patience) -> Results:
        if not machine.done:
            return work()
        at_work.set()
        assert patience.stop.wait(20)
        stopped.append(machine.home.name)
        raise Stopped("stopped")

    play.one.forge = play.two.forge = endless
    done = play.done(ITEMS)
    assert next(done) == EXPECTED[0]
    assert at_work.wait(20)
    done.close()  # as Ctrl-C does
    assert {thread.name for thread in threading.enumerate() if "_serve" in thread.name} == set()
    assert stopped
    assert play.told == []


def test_hidden_data_and_answers_travel_and_the_machine_keeps_the_data_alone(
    play: Play, tmp_path: Path
) -> None:
    task = find_task(TINY)
    data = task.dataset.prepare(DataRequest("mini", tmp_path / "data"))
    asked = AskedTask("batch", TINY, data)
    stored = []
    for number in range(5):
        file = tmp_path / f"record-{number}" / "answers.npz"
        file.parent.mkdir()
        np.savez(file, **{q.id: np.int64(number) for q in task.queries(data)})
        stored.append(StoredAnswers(asked, "private", OwnFile(file), tmp_path / "host.log"))
    here = [score_stored(each) for each in stored]
    play.two.code = "0" * 16
    left = Left(stored[1:], 0.1, (stored[0], here[0]))
    assert list(play.fan()._over_machines(score_stored, left)) == here[1:]
    assert sum(play.one.done) == len(stored)
    names = {name.partition("-")[0] for name in play.one.fetched}
    assert names == {"data", "task"}
    assert {
        path.name.partition("-")[0] for path in (play.one.home / "machines" / "received").iterdir()
    } == names
    assert not (play.two.home / "machines" / "received").exists()


def test_a_bundle_waits_for_the_lock_of_the_machine(tmp_path: Path) -> None:
    bundle, _ = bundled(digest, [1, 2], b"nonce", 10**6)
    (tmp_path / "machines").mkdir()
    thread = threading.Thread(target=partial(work_through, bundle, lambda _: b"", tmp_path))
    with machine_lock.path().open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        thread.start()
        time.sleep(0.4)
        assert working_at(tmp_path) == ""
    thread.join(timeout=10)
    assert working_at(tmp_path) == b"nonce".hex()


def test_a_machine_of_other_code_does_nothing(tmp_path: Path) -> None:
    bundle, _ = bundled(digest, [1, 2], b"nonce", 10**6)
    results = work_through(replace(bundle, code_version="0"), lambda _: b"", tmp_path)
    assert results.values == ()
    assert "install the same commit" in results.fault


def test_a_bundle_is_no_larger_than_it_may_be() -> None:
    bundle, _ = bundled(digest, [b"x" * 1000] * 10, b"nonce", 3500)
    assert len(bundle.items) == 4
