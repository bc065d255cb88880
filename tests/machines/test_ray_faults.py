"""A competition over a real Ray cluster, of which one part after another is killed, stopped or cut off."""

from __future__ import annotations

import importlib.util
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bench.machines_cluster import TINY, Cluster, started
from competitions.hosting.opening import open_competition
from competitions.queue.submitting import Intake, allowance_of, submit
from competitions.queue.uploads import announce, find_upload
from competitions.store import database, hosted, people
from competitions.store.submissions import get
from competitions.store.tables import ATTEMPTS, RESULTS
from machines.enrolment import Enrolment
from tests.competitions.conftest import TINY_DECLARATION

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make ray"),
]
TAKES_S = 1.5
ENTRY = f"""import time
import numpy as np
def build(context):
    time.sleep({TAKES_S})
    return lambda x: np.int64(x.argmax())
"""
LEASE_S = 6
LOST = "lost: its worker did not answer"
GIVEN_BACK = "given back"
"""How an attempt ends that found no free machine, because another thread was faster."""


@dataclass
class Host:
    """A host with a competition, its cluster, and one participant."""

    cluster: Cluster
    engine: sa.Engine
    ann: people.Account

    def submit(self, count: int) -> list[int]:
        """Hand in so many submissions and return their numbers."""
        found, home = hosted.find(self.engine, "tiny"), self.cluster.host
        numbers = []
        for number in range(count):
            text = f"{ENTRY}# {number} {time.time()}\n".encode()
            token = announce(self.engine, found, self.ann, "mine.py", len(text))
            path = find_upload(self.engine, home, token).path
            path.parent.mkdir(parents=True)
            path.write_bytes(text)
            numbers.append(submit(Intake(self.engine, home), "tiny", "cpu", self.ann, token).id)
        return numbers

    def work(self, name: str, *words: str) -> None:
        """Start a worker."""
        self.cluster.run(name, "worker", "--lease", str(LEASE_S), *words, home=self.cluster.host)

    def dispatch(self, name: str) -> None:
        """Start a dispatcher of the cluster's machines."""
        self.work(name, "--ray", self.cluster.address, "--at-once", "2")

    def all_scored(self, numbers: list[int]) -> None:
        """Wait until all have ended, and check that each is scored, with one result, and cost one attempt."""
        for _ in range(1400):
            with database.reading(self.engine) as connection:
                states = {number: get(connection, number).progress for number in numbers}
            if all(progress.state not in {"queued", "running"} for progress in states.values()):
                break
            time.sleep(0.1)
        log = self.cluster.host / "competitions" / "worker.log"
        told = log.read_text() if log.exists() else ""
        assert {progress.state for progress in states.values()} == {"scored"}, (states, told)
        with database.reading(self.engine) as connection:
            kept = list(connection.scalars(sa.select(RESULTS.c.submission)))
        assert sorted(number for number in kept if number in numbers) == numbers

    def outcomes(self, numbers: list[int]) -> list[str]:
        """Return what came of every attempt at these submissions."""
        query = sa.select(ATTEMPTS.c.outcome).where(ATTEMPTS.c.submission.in_(numbers))
        with database.reading(self.engine) as connection:
            return list(connection.scalars(query))

    @property
    def attempts_used(self) -> int:
        """How many of the day's attempts the team has used."""
        return allowance_of(self.engine, hosted.find(self.engine, "tiny"), self.ann).today


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    monkeypatch.delenv(database.URL, raising=False)
    with started(tmp_path / "cluster") as cluster:
        yield hosting(cluster, tmp_path / "folder")


def hosting(cluster: Cluster, folder: Path) -> Host:
    """Open the competition of the tiny task in the host's home."""
    shutil.copytree(TINY, folder, ignore=shutil.ignore_patterns("__pycache__"))
    now = datetime.now(UTC)
    dates = {"start": (now - timedelta(days=1)).isoformat(), "end": (now + timedelta(days=1)).isoformat()}
    text = TINY_DECLARATION.format(**dates).replace("[[prizes]]", "[limits]\ndaily = 100\n\n[[prizes]]", 1)
    (folder / "competition.toml").write_text(text)
    for page in ("overview", "data", "rules"):
        (folder / f"{page}.md").write_text(f"# {page}\n")
    engine = database.open_database(cluster.host)
    account, _ = people.sign_up(engine, "host")
    open_competition(engine, cluster.host, folder, account)
    ann, _ = people.sign_up(engine, "ann")
    hosted.accept_rules(engine, "tiny", ann)
    return Host(cluster, engine, ann)


def test_a_dispatcher_that_is_killed_loses_no_submission(host: Host) -> None:
    host.cluster.join("one", "cpu")
    numbers = host.submit(2)
    host.dispatch("first")
    host.cluster.busy_one("one")
    host.cluster.signal("first", signal.SIGKILL)
    host.dispatch("second")
    host.all_scored(numbers)
    ends = host.outcomes(numbers)
    assert sorted(end for end in ends if end != GIVEN_BACK) == [LOST, "scored", "scored"]
    assert host.attempts_used == 2


def test_a_machine_that_is_killed_loses_its_job_to_another(host: Host) -> None:
    for name in ("one", "two"):
        host.cluster.join(name, "cpu")
    numbers = host.submit(1)
    host.dispatch("dispatcher")
    name = host.cluster.busy_one("one", "two")
    host.cluster.signal(name, signal.SIGKILL)
    host.all_scored(numbers)
    lost, scored = (end for end in host.outcomes(numbers) if end != GIVEN_BACK)
    assert (lost.startswith("lost: the machine"), scored) == (True, "scored")
    assert host.attempts_used == 1


def test_a_machine_that_stops_beyond_its_lease_and_wakes_changes_nothing(host: Host) -> None:
    for name in ("one", "two"):
        host.cluster.join(name, "cpu")
    numbers = host.submit(1)
    host.dispatch("dispatcher")
    name = host.cluster.busy_one("one", "two")
    host.cluster.signal(name, signal.SIGSTOP)
    host.all_scored(numbers)
    ends = host.outcomes(numbers)
    host.cluster.signal(name, signal.SIGCONT)
    time.sleep(3 * TAKES_S)  # the woken machine ends what it had begun
    assert host.outcomes(numbers) == ends
    host.all_scored(numbers)
    lost, scored = (end for end in ends if end != GIVEN_BACK)
    assert (lost.startswith("lost: the machine"), scored) == (True, "scored")
    assert host.attempts_used == 1


def test_when_the_head_is_killed_another_worker_does_what_was_begun(host: Host) -> None:
    host.cluster.join("one", "cpu")
    numbers = host.submit(1)
    host.dispatch("dispatcher")
    host.cluster.busy_one("one")
    host.cluster.signal("host", signal.SIGKILL)
    host.work("here")
    host.cluster.processes["dispatcher"].wait(100)  # Ray ends it, or it gives the job away before
    host.all_scored(numbers)
    *lost, scored = (end for end in host.outcomes(numbers) if end != GIVEN_BACK)
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
        ip("link", "add", "pf-host", "type", "veth", "peer", "name", "pf-machine", "netns", CUT)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespace can be made: {error.stderr!r}")
    try:
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
        (number,) = host.submit(1)
        host.dispatch("dispatcher")
        cluster.busy_one("far")
        ip("link", "set", "pf-host", "down")
        cluster.join("near", "cpu")
        host.all_scored([number])
        ip("link", "set", "pf-host", "up")
        outcomes = host.outcomes([number])
        assert outcomes[0].startswith("lost: the machine")
        assert outcomes[-1] == "scored"
        assert {each.state for each in Enrolment(cluster.host).all().values()} == {"active"}
