"""Jobs of a real Ray cluster that are delivered twice, kill, take long, are cancelled, or meet odd machines.

Whatever happens, every accepted submission has one result at most, the cause of every retry is kept, and no
attempt of a team is lost. ``test_ray_faults.py`` kills the parts of a cluster.
"""

from __future__ import annotations

import importlib.util
import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import sqlalchemy as sa

from bench.machines_cluster import started
from competitions.evaluation.attempts import attempt_log
from competitions.queue.leases import Claim, lose
from competitions.queue.submitting import cancel
from competitions.rules.refusals import Forbidden
from competitions.store import database
from competitions.store.submissions import get
from competitions.store.tables import ATTEMPTS, RESULTS
from machines.enrolment import Enrolment
from tests.machines.odd_machine import OddMachine, odd_machine
from tests.machines.ray_host import Host, hosting

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make ray"),
]
LEASE_S = 1.5
HOUR_S = 3600
HIDDEN = "evaluation on hidden data"
MACHINES = ("sound", "odd")
DISPATCHERS = ("first", "second")
TEAMS = count(1)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OddMachine]:
    folder = tmp_path_factory.mktemp("cluster")
    with odd_machine(folder / "cluster" / "odd", folder) as made:
        yield made


@pytest.fixture(scope="module")
def shared(odd: OddMachine) -> Iterator[Host]:
    """Two machines, and two dispatchers that both look for lost jobs."""
    with pytest.MonkeyPatch.context() as patch, started(odd.folder / "cluster") as cluster:
        patch.delenv(database.URL, raising=False)
        cluster.join("sound", "cpu")
        cluster.join("odd", "cpu", before=odd.before)
        host = hosting(cluster, odd.folder / "folder", LEASE_S)
        for name in DISPATCHERS:
            host.dispatch(name, at_once=1)
        yield host


@pytest.fixture
def host(shared: Host) -> Host:
    """The shared host, with a team that is new."""
    for name in MACHINES:
        shared.cluster.forget(name)
    return shared.joined_by(f"team-{next(TEAMS)}")


@contextmanager
def without(host: Host, *names: str) -> Iterator[None]:
    """Give no job to these machines in the block."""
    enrolment = Enrolment(host.cluster.host)
    for name in names:
        enrolment.set_state(name, "draining")
    try:
        yield
    finally:
        for name in names:
            enrolment.set_state(name, "active")


def running(host: Host, number: int, stage: str) -> str:
    """Wait until a machine is at this stage of a submission, and return the machine's name."""
    host.wait([number], lambda progress: progress.stage.startswith(stage))
    return host.cluster.busy_one(*MACHINES)


def test_a_submission_on_which_every_machine_ends_is_given_up_and_costs_nothing(host: Host) -> None:
    poison = host.submit()
    for _ in range(2):
        host.kill_evaluation(running(host, *poison, "rehearsal"))
    host.all_ended(poison, "failed")
    progress = host.progress(*poison)
    assert (progress.fault, "2 workers were lost" in progress.message) == ("ours", True)
    ends = host.outcomes(poison)
    assert [end.startswith("lost: the machine") for end in ends] == [True, True]
    assert host.attempts_used == 0
    after = host.submit()
    host.all_ended(after)
    assert host.outcomes(after) == ["scored"]


def test_a_job_of_ten_leases_is_done_once(host: Host) -> None:
    numbers = host.submit(takes_s=LEASE_S)
    host.all_ended(numbers)
    assert host.outcomes(numbers) == ["scored"]
    with host.engine.connect() as connection:
        (attempt,) = connection.execute(sa.select(ATTEMPTS).where(ATTEMPTS.c.submission == numbers[0]))
    assert attempt.ended - attempt.started > 10 * LEASE_S
    assert host.attempts_used == 1


@pytest.mark.parametrize("stage", ["rehearsal", HIDDEN])
def test_a_submission_that_runs_is_cancelled_and_one_that_has_ended_is_not(host: Host, stage: str) -> None:
    numbers = host.submit()
    name = running(host, *numbers, stage)
    cancel(host.engine, host.account, *numbers)
    with without(host, *({*MACHINES} - {name})):
        after = host.submit()
        host.all_ended(after)
    for number in (*numbers, *after):
        with pytest.raises(Forbidden):
            cancel(host.engine, host.account, number)
    host.all_ended(numbers, "cancelled")
    host.all_ended(after)
    assert host.outcomes(numbers) == ["cancelled"]
    assert host.outcomes(after) == ["scored"]
    assert host.attempts_used == 2


def test_a_submission_that_waits_is_cancelled_and_costs_nothing(host: Host) -> None:
    again = host.submit()
    name = running(host, *again, "rehearsal")
    with without(host, *MACHINES):
        first = host.submit()
        host.kill_evaluation(name)
        host.wait(again, lambda progress: progress.state == "queued")
        for number in (*first, *again):
            cancel(host.engine, host.account, number)
    host.all_ended([*again, *first], "cancelled")
    assert host.outcomes(first) == []
    (lost,) = host.outcomes(again)
    assert lost.startswith("lost: the machine")
    assert host.attempts_used == 0


@pytest.mark.parametrize("skew_s", [HOUR_S, -HOUR_S])
def test_the_clock_of_a_machine_that_is_an_hour_on_or_back_changes_nothing(
    host: Host, odd: OddMachine, skew_s: int
) -> None:
    odd.needs("clock")
    odd.set_clock(skew_s)
    with without(host, "sound"):
        numbers = host.submit()
        host.all_ended(numbers)
    odd.set_clock(0)
    assert (host.outcomes(numbers), host.attempts_used) == (["scored"], 1)
    with host.engine.connect() as connection:
        record = connection.scalar(sa.select(RESULTS.c.record).where(RESULTS.c.submission == numbers[0]))
    started = datetime.fromisoformat(json.loads(record or "")["started"])
    told = started - datetime.now(UTC)
    assert abs(told - timedelta(seconds=skew_s)) < timedelta(minutes=10), "the machine's clock was skewed"


def test_a_result_that_two_machines_deliver_is_stored_once(host: Host) -> None:
    for name in DISPATCHERS:
        end(host, name)
    replace(host, lease_s=600.0).dispatch("patient", at_once=1)  # it learns late that it lost a job
    (number,) = host.submit(takes_s=1.0)
    running(host, number, HIDDEN)
    with database.reading(host.engine) as connection:
        lose(host.engine, Claim(get(connection, number), 1, "patient", "cpu"), "it is given to another")
    for name in DISPATCHERS:
        host.dispatch(name, at_once=1)
    end(host, "patient")
    host.all_ended([number])
    log = attempt_log(host.cluster.host, "tiny", number, 1).read_text()
    assert log.count("--- process 2") == 2, "rehearsed, and evaluated although another had it"
    assert host.outcomes([number]) == ["lost: it is given to another", "scored"]
    assert host.attempts_used == 1


def end(host: Host, name: str) -> None:
    """End a dispatcher, which ends its job before."""
    host.cluster.signal(name, signal.SIGTERM)
    host.cluster.processes[name].wait()


def test_a_machine_with_a_full_disk_loses_its_job_to_another_and_gets_no_more(
    host: Host, odd: OddMachine
) -> None:
    odd.needs("disk")
    odd.fill_disk()
    with without(host, "sound"):
        numbers = host.submit()
        host.wait(numbers, lambda _: any(host.outcomes(numbers)))
    check_lost_once(host, numbers, "No space left on device")
    (odd.home / "full").unlink()
    Enrolment(host.cluster.host).enrol("odd", host.cluster.key("odd"))


def test_a_machine_whose_code_is_changed_loses_its_job_to_another_and_gets_no_more(
    host: Host, odd: OddMachine
) -> None:
    odd.needs("code")
    with without(host, "sound"):
        numbers = host.submit()
        running(host, *numbers, "rehearsal")
        odd.change_code()
        host.wait(numbers, lambda _: any(host.outcomes(numbers)))
    check_lost_once(host, numbers, "runs code version")


def check_lost_once(host: Host, numbers: list[int], cause: str) -> None:
    """Check that a job was lost for this cause and done by another machine, which gets the next ones, too."""
    after = host.submit(2)
    host.all_ended([*numbers, *after])
    lost, scored = host.outcomes(numbers)
    assert (lost.startswith("lost: the machine"), cause in lost, scored) == (True, True, "scored")
    assert host.outcomes(after) == ["scored", "scored"]
    assert host.attempts_used == 3
