"""A host with a competition whose submissions are evaluated in a real Ray cluster, and its participants."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import sqlalchemy as sa

from bench.machines_cluster import TINY, Cluster
from competitions.hosting.opening import open_competition
from competitions.queue.submitting import Intake, allowance_of, submit
from competitions.queue.uploads import announce, find_upload
from competitions.store import database, hosted, people
from competitions.store.hosted import Files
from competitions.store.submissions import Progress, get
from competitions.store.tables import ATTEMPTS, RESULTS
from tests.competitions.conftest import TINY_DECLARATION

LEASE_S = 6.0
TAKES_S = 1.5
LATE_S = 10.0
"""After so long whoever went on with a job has ended it."""
ENTRY = """import time
import numpy as np
def build(context):
    time.sleep({takes_s})
    return lambda x: np.int64(x.argmax())
# {number}
"""
GIVEN_BACK = "given back"
"""How an attempt ends that found no free machine, because another thread was faster."""


@dataclass(frozen=True)
class Host:
    """A host with a competition, its cluster, and one participant; ``lease_s`` is that of its workers."""

    cluster: Cluster
    engine: sa.Engine
    account: people.Account
    lease_s: float = LEASE_S

    def joined_by(self, name: str) -> Host:
        """Return the same host with another participant, who is new."""
        account, _ = people.sign_up(self.engine, name)
        hosted.accept_rules(self.engine, "tiny", account)
        return replace(self, account=account)

    def submit(self, count: int = 1, takes_s: float = 0.0) -> list[int]:
        """Hand in so many submissions, each process of which takes so long to build; return their numbers."""
        found, home = hosted.find(self.engine, "tiny"), self.cluster.host
        numbers = []
        for number in range(count):
            text = ENTRY.format(takes_s=takes_s, number=f"{number} {time.time()}").encode()
            token = announce(self.engine, found, self.account, "mine.py", len(text))
            path = find_upload(self.engine, home, token).path
            path.parent.mkdir(parents=True)
            path.write_bytes(text)
            numbers.append(submit(Intake(self.engine, home), "tiny", "cpu", self.account, token).id)
        return numbers

    def work(self, name: str, *words: str) -> None:
        """Start a worker."""
        self.cluster.run(name, "worker", "--lease", str(self.lease_s), *words, home=self.cluster.host)

    def dispatch(self, name: str, at_once: int = 2) -> None:
        """Start a dispatcher of the cluster's machines."""
        self.work(name, "--ray", self.cluster.address, "--at-once", str(at_once))

    def kill_evaluation(self, machine: str) -> None:
        """Kill the process that evaluates on a machine."""
        below = psutil.Process(self.cluster.processes[machine].pid).children(recursive=True)
        (evaluates,) = (each for each in below if each.cmdline()[:1] == ["ray::evaluated"])
        evaluates.kill()
        evaluates.wait()
        self.cluster.forget(machine)

    def progress(self, number: int) -> Progress:
        """Return how far a submission is."""
        with database.reading(self.engine) as connection:
            return get(connection, number).progress

    def wait(self, numbers: list[int], there: Callable[[Progress], bool]) -> None:
        """Wait until every submission is so far."""
        for _ in range(1400):
            if all(there(self.progress(number)) for number in numbers):
                return
            time.sleep(0.1)
        raise AssertionError(([self.progress(number) for number in numbers], self.told))

    def all_ended(self, numbers: list[int], state: str = "scored") -> None:
        """Wait until all have ended, and check that each did so, with one result where it is scored."""
        self.wait(numbers, lambda progress: progress.state not in {"queued", "running"})
        assert {self.progress(number).state for number in numbers} == {state}, self.told
        with database.reading(self.engine) as connection:
            kept = list(connection.scalars(sa.select(RESULTS.c.submission)))
        assert sorted(number for number in kept if number in numbers) == numbers * (state == "scored")
        assert len(list(Files.of(self.cluster.host, "tiny").records.glob("[!.]*"))) == len(kept)

    def outcomes(self, numbers: list[int]) -> list[str]:
        """Return what came of every attempt at these submissions, but for those without a machine."""
        query = sa.select(ATTEMPTS.c.outcome).where(ATTEMPTS.c.submission.in_(numbers))
        with database.reading(self.engine) as connection:
            ends = connection.scalars(query.order_by(ATTEMPTS.c.started))
            return [end for end in ends if end != GIVEN_BACK]

    @property
    def told(self) -> str:
        """What the workers told of faults."""
        log = self.cluster.host / "competitions" / "worker.log"
        return log.read_text() if log.exists() else ""

    @property
    def attempts_used(self) -> int:
        """How many of the day's attempts the team has used."""
        return allowance_of(self.engine, hosted.find(self.engine, "tiny"), self.account).today


def hosting(cluster: Cluster, folder: Path, lease_s: float = LEASE_S) -> Host:
    """Open the competition of the tiny task in the host's home; ann takes part."""
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
    return Host(cluster, engine, account, lease_s).joined_by("ann")
