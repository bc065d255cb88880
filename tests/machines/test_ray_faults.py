"""A competition over a real Ray cluster, of which one part after another is killed, stopped or cut off."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.machines_cluster import started
from competitions.store import database
from machines.enrolment import Enrolment
from tests.machines.ray_host import LATE_S, TAKES_S, Host, hosting

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make ray"),
]
LOST = "lost: its worker did not answer"


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.delenv(database.URL, raising=False)
    with started(tmp_path / "cluster") as cluster:
        yield hosting(cluster, tmp_path / "folder")


def test_a_dispatcher_that_is_killed_loses_no_submission(host: Host) -> None:
    host.cluster.join("one", "cpu")
    numbers = host.submit(2, TAKES_S)
    host.dispatch("first")
    host.cluster.busy_one("one")
    host.cluster.signal("first", signal.SIGKILL)
    host.dispatch("second")
    host.all_ended(numbers)
    assert sorted(host.outcomes(numbers)) == [LOST, "scored", "scored"]
    assert host.attempts_used == 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_a_machine_that_is_lost_loses_its_job_to_another_and_changes_nothing_when_it_wakes(
    host: Host, number: int
) -> None:
    for name in ("one", "two"):
        host.cluster.join(name, "cpu")
    numbers = host.submit(1, TAKES_S)
    host.dispatch("dispatcher")
    name = host.cluster.busy_one("one", "two")
    host.cluster.signal(name, number)
    host.all_ended(numbers)
    ends = host.outcomes(numbers)
    host.cluster.signal(name, signal.SIGCONT)
    time.sleep(LATE_S)
    assert host.outcomes(numbers) == ends
    host.all_ended(numbers)
    lost, scored = ends
    assert (lost.startswith("lost: the machine"), scored) == (True, "scored")
    assert host.attempts_used == 1


def test_when_the_head_is_killed_another_worker_does_what_was_begun(host: Host) -> None:
    host.cluster.join("one", "cpu")
    numbers = host.submit(1, TAKES_S)
    host.dispatch("dispatcher")
    host.cluster.busy_one("one")
    host.cluster.signal("host", signal.SIGKILL)
    host.work("here")
    host.cluster.processes["dispatcher"].wait(100)  # Ray ends it, or it gives the job away before
    host.all_ended(numbers)
    *lost, scored = host.outcomes(numbers)
    assert scored == "scored"
    assert len(lost) == 1
    assert lost[0].startswith("lost: ")
    assert host.attempts_used == 1


NETWORK = "10.99.77"
CUT = "pf-cut"


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@pytest.fixture
def namespace() -> Iterator[str]:
    """A network namespace with a link to this one."""
    if shutil.which("ip") is None:
        pytest.skip("there is no 'ip'; install iproute2")
    try:
        ip("netns", "add", CUT)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made: {error.stderr!r}")
    try:
        try:
            ip("link", "add", "pf-host", "type", "veth", "peer", "name", "pf-machine", "netns", CUT)
        except subprocess.CalledProcessError as error:
            pytest.skip(f"no link to a network namespace can be made: {error.stderr!r}")
        ip("addr", "add", f"{NETWORK}.1/24", "dev", "pf-host")
        ip("link", "set", "pf-host", "up")
        for words in (
            ("addr", "add", f"{NETWORK}.2/24", "dev", "pf-machine"),
            ("link", "set", "pf-machine", "up"),
            ("link", "set", "lo", "up"),
            ("route", "add", "default", "via", f"{NETWORK}.1"),
        ):
            ip("-n", CUT, *words)
        yield CUT
    finally:
        ip("netns", "del", CUT)


def test_a_machine_whose_network_is_cut_loses_its_job_and_its_late_answer_is_refused(
    tmp_path: Path, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(database.URL, raising=False)
    with started(tmp_path / "cluster", f"{NETWORK}.1") as cluster:
        host = hosting(cluster, tmp_path / "folder")
        cluster.join("far", "cpu", before=("ip", "netns", "exec", namespace))
        numbers = host.submit(1, TAKES_S)
        host.dispatch("dispatcher")
        cluster.busy_one("far")
        ip("link", "set", "pf-host", "down")
        cluster.join("near", "cpu")
        host.all_ended(numbers)
        ends = host.outcomes(numbers)
        ip("link", "set", "pf-host", "up")
        time.sleep(LATE_S)
        assert host.outcomes(numbers) == ends
        host.all_ended(numbers)
        assert ends[0].startswith("lost: the machine")
        assert ends[1:] == ["scored"]
        assert host.attempts_used == 1
        assert {each.state for each in Enrolment(cluster.host).all().values()} == {"active"}
