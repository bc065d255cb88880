"""Trusted work over a real cluster on this computer: the bytes of one process, also when a machine dies."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from bench.machines_cluster import Cluster, started
from harness.fanning import Left
from machines.joining import HOME
from machines.machine_fan import MachineFan
from machines.ray_cluster import RayCluster
from machines.working import working_at

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make ray"),
]
PACE_S = 0.1


def slept(number: int) -> bytes:
    time.sleep(PACE_S)
    return hashlib.sha256(str(number).encode()).digest()


EXPECTED = [hashlib.sha256(str(number).encode()).digest() for number in range(300)]


def handed_on(fan: MachineFan, count: int) -> Iterator[bytes]:
    """Hand on all but the first of so many items."""
    return fan._over_machines(slept, Left(list(range(1, count)), PACE_S, (0, slept(0))))


def at_work(cluster: Cluster) -> set[str]:
    """Name the machines that compute: on which Ray runs our function, or a process that it began."""
    names = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            home, words = Path(process.environ().get(HOME, "/")), " ".join(process.cmdline())
            if home.parent == cluster.folder and ("ray::worked" in words or "multiprocessing" in words):
                names.add(home.name)
    return names


def test_right_bytes_come_back_whatever_machines_do_and_no_process_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    with started(tmp_path / "cluster") as cluster:
        for name in ("one", "two"):
            cluster.join(name, "cpu")
        cluster.join("stranger", "cpu", enrolled=False)
        connection = RayCluster(cluster.address, cluster.host)
        fan = MachineFan(connection, cluster.host, told.append)
        done = handed_on(fan, 300)
        with monkeypatch.context() as patient, ThreadPoolExecutor() as pool:
            # A machine that is slow to begin is not taken for a busy one.
            patient.setattr("machines.ray_cluster._BEGINS_S", 120.0)
            values = pool.submit(list, done)
            for _ in range(1200):
                if working_at(cluster.folder / "one"):
                    break
                time.sleep(0.1)
            assert "one" in at_work(cluster) <= {"one", "two"}
            cluster.signal("one", signal.SIGKILL)
            assert values.result() == EXPECTED[1:]
        assert [line for line in told if "machine one is left out" in line] == told != []
        again = handed_on(fan, 300)
        assert next(again) == EXPECTED[1]
        assert at_work(cluster) == {"two"}
        again.close()  # as Ctrl-C does
        for _ in range(100):
            if not (left := at_work(cluster)):
                break
            time.sleep(0.1)
        assert not left
        with (cluster.folder / "two.lock").open("a") as lock:  # as a timed evaluation does
            fcntl.flock(lock, fcntl.LOCK_EX)
            mark = working_at(cluster.folder / "two")
            assert list(handed_on(fan, 30)) == EXPECTED[1:30]
            assert working_at(cluster.folder / "two") == mark
        assert len(told) == 1
        connection.close()
