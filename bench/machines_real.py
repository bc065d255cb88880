"""A real cluster of three machines on this computer: what comes back, how fast, and whether timing is hurt.

    python -m bench.machines_real whole [N]   N evaluations (60) on two profiles come back whole
    python -m bench.machines_real efficiency [S]  jobs that sleep S seconds (2): the share of the ideal time
    python -m bench.machines_real timing [N]  N pairs of runs, on a machine of the cluster and without it

Every machine has a lock of its own, so that three evaluate at once; only ``timing`` uses one at a time.
"""

from __future__ import annotations

import itertools
import math
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, stdev

import psutil
from scipy.stats import t as student

from bench.machines_cluster import Cluster, requested, started
from harness.evaluate import evaluate
from harness.intake.request import EvaluationRequest
from harness.record import Record, read_record
from harness.spec import Places, no_progress
from machines.enrolment import Enrolment
from machines.executor import NoMachine
from machines.ray_cluster import RayCluster
from machines.ray_executor import RayExecutor
from machines.signatures import signer_of

BUILDS, JOBS = 4, 12
"""A quick run and its audits build the submission so many times; so many jobs are timed together."""
RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"
SLEEPS = "import time\nimport numpy as np\ndef build(context):\n    time.sleep({})\n    return np.argmax\n"
WORKS = """import numpy as np
def build(context):
    weights = np.ones((300, 300), np.float32)
    def model(x):
        (weights @ weights).sum()
        return np.int64(x.argmax())
    return model
"""
PROFILES = {"one": "edge", "two": "edge,cpu", "three": "cpu"}


@dataclass(frozen=True)
class Field:
    """A cluster of three machines, an executor of it, and the places of its host."""

    cluster: Cluster
    executor: RayExecutor
    places: Places

    def request(self, name: str, source: str, profile: str, *, quick: bool = True) -> EvaluationRequest:
        """Request an evaluation of a source."""
        folder = self.cluster.folder / "entries" / name
        folder.mkdir(parents=True)
        request = requested(folder, source, self.places, quick=quick)
        return request.model_copy(update={"run": request.run.model_copy(update={"profile": profile})})

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

        threads = [threading.Thread(target=work) for _ in PROFILES]
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
                    return evaluator(request, self.places, no_progress).record
            except NoMachine:
                time.sleep(0.1)


@contextmanager
def field(profiles: dict[str, str]) -> Iterator[Field]:
    """Start a cluster whose machines offer these profiles."""
    with tempfile.TemporaryDirectory() as folder, started(Path(folder)) as cluster:
        for name, offered in profiles.items():
            cluster.join(name, offered)
        connection = RayCluster(cluster.address, cluster.host)
        try:
            executor = RayExecutor(connection, cluster.host)
            while len(connection.nodes()) < len(profiles):
                time.sleep(0.1)
            yield Field(cluster, executor, Places.under(cluster.host))
        finally:
            connection.close()


def whole(count: int) -> None:
    """Evaluate submissions on two profiles, and check every record's folder and signature."""
    with field(PROFILES) as made:
        profiles = itertools.cycle(("edge", "cpu"))
        requests = [made.request(f"job-{n}", f"{RIGHT}# {n}\n", next(profiles)) for n in range(count)]
        began = time.perf_counter()
        records = made.run_all(requests)
        seconds = time.perf_counter() - began
        names = {key: machine.name for key, machine in Enrolment(made.cluster.host).all().items()}
        folders = [made.places.records / record.id for record in records]
        signers = Counter(names[signer_of(folder)] for folder in folders)
        right = [read_record(folder) for folder in folders]
    wanted = {(request.submission.sha256, request.run.profile) for request in requests}
    print(f"{len(wanted)} evaluations over {len(PROFILES)} machines in {seconds:.0f} s: {dict(signers)}")
    print(
        f"  records that came back whole, signed and of the right hash and profile: "
        f"{len({(each.submission.sha256, each.profile) for each in right} & wanted)}; "
        f"of status ok: {sum(each.status == 'ok' for each in right)}; different ids: "
        f"{len({each.id for each in right})}"
    )


def efficiency(job_s: float) -> None:
    """Compare jobs that sleep on three machines at once with the same jobs one after another on one.

    All machines share the cores of this computer: how busy these were says what limits them.
    """
    source = SLEEPS.format(job_s / BUILDS)
    with field(dict.fromkeys(PROFILES, "edge")) as made:
        number = itertools.count()

        def jobs(count: int) -> list[EvaluationRequest]:
            return [
                made.request(f"job-{n}", f"{source}# {n}\n", "edge") for n in itertools.islice(number, count)
            ]

        made.run_all(jobs(3))  # every machine has fetched the data
        alone = _seconds(lambda: [made.run(request) for request in waiting], waiting := jobs(3)) / 3
        psutil.cpu_percent()
        at_once = _seconds(lambda: made.run_all(many), many := jobs(JOBS))
        busy = psutil.cpu_percent() / 100
    ideal = JOBS * alone / len(PROFILES)
    print(f"a job alone takes {alone:.2f} s; {JOBS} on three machines {at_once:.1f} s, ideally {ideal:.1f} s")
    print(f"  efficiency {ideal / at_once:.2f}; the cores of this computer were busy for {busy:.0%} of it")


def _seconds(act: Callable[[], object], _prepared: object) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def timing(pairs: int) -> None:
    """Run the same entry in turns on a machine of the cluster and without it, and compare the ratios."""
    with field({"one": "edge"}) as made:
        local = Places.under(made.cluster.folder / "local")
        request = made.request("mine", WORKS, "edge", quick=False)

        def here() -> float:
            return _log_ratio(evaluate(request, local, no_progress).record)

        def there() -> float:
            return _log_ratio(made.run(request))

        here(), there()
        differences = []
        for number in range(pairs):
            if number % 2:
                first = here()
                differences.append(there() - first)
            else:
                first = there()
                differences.append(first - here())
    mean = fmean(differences)
    half = float(student.ppf(0.975, pairs - 1)) * stdev(differences) / math.sqrt(pairs)
    print(
        f"{pairs} pairs: a machine of the cluster over one without Ray: {math.expm1(mean):+.2%} ± {half:.2%}"
    )


def _log_ratio(record: Record) -> float:
    assert record.latency is not None, record.message
    return record.latency.log_mean


def main() -> None:
    what, number = (*sys.argv[1:], *("whole", "0")[len(sys.argv[1:]) :])[:2]
    if what == "timing":
        timing(int(number) or 20)
    elif what == "efficiency":
        efficiency(float(number) or 2.0)
    else:
        whole(int(number) or 60)


if __name__ == "__main__":
    main()
