"""Whether a machine of a cluster measures as one without Ray: ratios and times, side by side."""

from __future__ import annotations

import math
import multiprocessing
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.synchronize import Event
from pathlib import Path
from statistics import fmean, median, stdev

import numpy as np
import psutil
from scipy.stats import t as student

from bench.machines_cluster import ROOT, requested, started
from bench.machines_field import PROFILES, field
from harness.evaluate import evaluate
from harness.record import Record
from harness.record.latency import wider_margin
from harness.record.series import read_latencies
from harness.spec import Places, no_progress
from machines.ray_cluster import RayCluster

FROZEN = ROOT / "bench" / "frozen"
SETTLED_S = 0.3
"""Ray's timers that fell due while it was stopped are over after this time."""


def ratios(count: int) -> None:
    """Evaluate an entry here and on one machine after another, and compare its ratios to the reference."""
    source = (FROZEN / "frozen.py").read_text().replace("TIMES = 128, 60", "TIMES = 128, 75")
    found: dict[str, list[Record]] = {name: [] for name in PROFILES}
    with field(dict.fromkeys(PROFILES, "edge")) as made:
        request = made.request("mine", source, "edge", quick=False, of=FROZEN)
        local = Places.under(made.cluster.folder / "local")
        here = [evaluate(request, local, no_progress).record]
        for name in PROFILES:
            made.run_on(name, request)  # every place is calibrated
        here.clear()
        for _ in range(count):
            for name, records in found.items():
                here.append(evaluate(request, local, no_progress).record)
                records.append(made.run_on(name, request))
    _tell_ratio("here, without Ray", here)
    for name, records in found.items():
        _tell_ratio(f"machine {name}", records)
        _tell_difference(f"machine {name}", records, here)
    _tell_difference("all machines", [each for records in found.values() for each in records], here)


def _tell_ratio(where: str, records: Sequence[Record]) -> None:
    mean, half = _interval([_log_ratio(record) for record in records])
    print(f"{where}: ratio {math.exp(mean):.4f} ± {half:.2%} over {len(records)} ranked runs")


def _tell_difference(where: str, there: Sequence[Record], here: Sequence[Record]) -> None:
    margin = min(wider_margin(each, here[-1]) for each in there)
    (mine, mine_half), (other, other_half) = (
        _interval([_log_ratio(each) for each in side]) for side in (there, here)
    )
    off, half = mine - other, math.hypot(mine_half, other_half)
    verdict = "equal" if abs(off) + half <= margin else "not shown to be equal"
    print(
        f"  {where} over here: {math.expm1(off):+.2%} ± {half:.2%}, "
        f"{verdict} within the margin of {margin:.1%}"
    )


def _log_ratio(record: Record) -> float:
    assert record.latency is not None, record.message
    return record.latency.log_mean


def timing(pairs: int) -> None:
    """Time an entry by the plain evaluation here, where a node of a cluster runs on this computer and not.

    The cluster's processes are stopped by SIGSTOP for the second: that takes no time, and nothing of a
    stopped process runs.
    """
    with tempfile.TemporaryDirectory() as name, _node(Path(name) / "cluster") as node:
        places = Places.under(Path(name) / "home")
        request = requested(Path(name), (FROZEN / "frozen.py").read_text(), places, of=FROZEN)

        def timed(joined: bool) -> float:
            _send(node, signal.SIGCONT if joined else signal.SIGSTOP)
            time.sleep(SETTLED_S)
            used = _cpu_s(node)
            made = evaluate(request, places, no_progress)
            cpu_s[joined].append(_cpu_s(node) - used)
            seconds[joined].append(made.record.seconds)
            both = np.concatenate(read_latencies(made.folder / "latencies.csv"))
            return float(np.quantile(both, 0.25))

        cpu_s, seconds = ({True: list[float](), False: list[float]()} for _ in range(2))
        times: dict[bool, list[float]] = {True: [], False: []}
        timed(True), timed(False)
        for each in (*cpu_s.values(), *seconds.values()):
            each.clear()
        for number in range(pairs):
            for joined in (True, False) if number % 2 else (False, True):
                times[joined].append(timed(joined))
    for joined, what in ((True, "joined"), (False, "stopped")):
        print(
            f"{what}: {median(times[joined]):.3f} ms a query (the median over {pairs} evaluations of their "
            f"lower quartile); the cluster used {sum(cpu_s[joined]) / sum(seconds[joined]):.2%} of a core"
        )
    mean, half = _interval(np.log(np.divide(times[True], times[False])))
    print(f"joined over stopped, {pairs} pairs: {math.expm1(mean):+.2%} ± {half:.2%} (95 %)")


def _interval(values: Sequence[float] | np.ndarray) -> tuple[float, float]:
    """Return the mean and half of its 95 % interval (Student)."""
    count = len(values)
    return fmean(values), float(student.ppf(0.975, count - 1)) * stdev(values) / math.sqrt(count)


@contextmanager
def _node(folder: Path) -> Iterator[list[int]]:
    """Run a head, a machine and a host that has asked it; yield the roots of all their processes."""
    with started(folder) as cluster:
        cluster.join("one", "edge")
        context = multiprocessing.get_context("spawn")
        answered, over = context.Event(), context.Event()
        host = context.Process(target=_ask, args=(cluster.address, cluster.host, answered, over))
        host.start()
        roots = [*(process.pid for process in cluster.processes.values()), host.pid or 0]
        try:
            assert answered.wait(60), "the machine did not answer"
            yield roots
        finally:
            _send(roots, signal.SIGCONT)
            over.set()
            host.join()


def _ask(address: str, home: Path, answered: Event, over: Event) -> None:
    """Ask the machine what it is, which leaves a process on it that answers, and stay connected."""
    connection = RayCluster(address, home)
    while not connection.nodes():
        time.sleep(0.1)
    answered.set()
    over.wait()
    connection.close()


def _all(roots: Sequence[int]) -> list[psutil.Process]:
    found = [psutil.Process(root) for root in roots]
    return found + [child for root in found for child in root.children(recursive=True)]


def _send(roots: Sequence[int], number: int) -> None:
    for process in _all(roots):
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _cpu_s(roots: Sequence[int]) -> float:
    total = 0.0
    for process in _all(roots):
        with suppress(psutil.NoSuchProcess):
            used = process.cpu_times()
            total += used.user + used.system
    return total
