"""A competition over a real Ray cluster whose dispatcher is killed."""

from __future__ import annotations

import importlib.util
import shutil
import signal
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
from tests.competitions.test_code import DECLARATION

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
    text = DECLARATION.format(**dates).replace("[[prizes]]", "[limits]\ndaily = 100\n\n[[prizes]]", 1)
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
