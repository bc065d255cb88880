"""A real cluster on this computer, and evaluations on it as a dispatcher makes them."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.machines_cluster import TINY, Cluster, requested, started
from harness.intake.request import EvaluationRequest
from harness.record import Record
from harness.spec import Places, no_progress
from machines.executor import Evaluator, NoMachine
from machines.ray_cluster import RayCluster
from machines.ray_executor import RayExecutor

PROFILES = {"one": "edge", "two": "edge,cpu", "three": "cpu"}
_BIND = 'mount --bind "$0" /proc/stat && exec "$@"'


@dataclass(frozen=True)
class Field:
    """A cluster of machines, an executor of it, and the places of its host."""

    cluster: Cluster
    executor: RayExecutor
    places: Places

    def request(
        self, name: str, source: str, profile: str, *, quick: bool = True, of: Path = TINY
    ) -> EvaluationRequest:
        """Request an evaluation of a source."""
        folder = self.cluster.folder / "entries" / name
        folder.mkdir(parents=True)
        return requested(folder, source, self.places, profile=profile, quick=quick, of=of)

    def run_all(self, requests: Sequence[EvaluationRequest]) -> list[Record]:
        """Evaluate on as many machines as are free, as a dispatcher's threads do."""
        waiting, records = iter(requests), list[Record]()
        lock = threading.Lock()

        def work() -> None:
            while True:
                with lock:
                    request = next(waiting, None)
                if request is None:
                    return
                records.append(self.run(request))

        threads = [threading.Thread(target=work, daemon=True) for _ in PROFILES]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return records

    def run(self, request: EvaluationRequest) -> Record:
        """Evaluate on a machine, as soon as one is free."""
        while True:
            try:
                with self.executor.reserved(request.run.profile) as evaluator:
                    return self._evaluated(evaluator, request)
            except NoMachine:
                time.sleep(0.1)

    def run_on(self, name: str, request: EvaluationRequest) -> Record:
        """Evaluate on one of the machines, by its name."""
        with self.executor.reserved_machine(self.cluster.key(name)) as evaluator:
            return self._evaluated(evaluator, request)

    def _evaluated(self, evaluator: Evaluator, request: EvaluationRequest) -> Record:
        return evaluator(request, self.places, no_progress).record


@contextmanager
def field(profiles: Mapping[str, str], *, apart: bool = False) -> Iterator[Field]:
    """Start a cluster whose machines offer these profiles; ``apart`` as if each were another computer."""
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as cluster:
        before = _own_counters(cluster.folder) if apart else ()
        for name, offered in profiles.items():
            cluster.join(name, offered, before=before)
        connection = RayCluster(cluster.address, cluster.host)
        try:
            executor = RayExecutor(connection, cluster.host)
            while len(connection.nodes()) < len(profiles):
                time.sleep(0.1)
            yield Field(cluster, executor, Places.under(cluster.host))
        finally:
            connection.close()


def _own_counters(folder: Path) -> tuple[str, ...]:
    """Return the words before a command that show it counters of the cores that stand still (as root).

    Machines on one computer find each other's work in /proc/stat. They wait for one another and measure
    again, which machines that are computers of their own never do.
    """
    still = folder / "stat"
    still.write_bytes(Path("/proc/stat").read_bytes())
    return ("unshare", "--mount", "sh", "-c", _BIND, str(still))
