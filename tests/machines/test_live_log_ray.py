"""What a job prints on a machine of a real cluster reaches the host while it runs, and whole at its end."""

from __future__ import annotations

import importlib.util
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bench.machines_cluster import requested, started
from harness.session.live_log import tail_of
from harness.spec import Places, no_progress
from machines.ray_cluster import RayCluster
from machines.ray_executor import RayExecutor

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed: make ray"),
]
TALKS = """
import time
import numpy as np
def build(context):
    print("first line", flush=True)
    time.sleep(4)
    print("last line", flush=True)
    return lambda x: np.int64(x.argmax())
"""


def test_lines_of_a_machine_arrive_while_its_job_runs(tmp_path: Path, places: Places) -> None:
    log = tmp_path / "7-1.log"
    with started(tmp_path / "cluster") as cluster:
        cluster.join("north", "edge")
        connection = RayCluster(cluster.address, cluster.host)
        executor = RayExecutor(connection, cluster.host)
        request = requested(tmp_path, TALKS, places)

        def evaluate() -> None:
            with executor.reserved("edge") as evaluator:
                evaluator(request, replace(places, live_log=log), no_progress)

        running = threading.Thread(target=evaluate)
        running.start()
        until = time.monotonic() + 60
        while b"first line" not in tail_of(log).data and time.monotonic() < until:
            time.sleep(0.2)
        assert b"first line" in tail_of(log).data
        assert running.is_alive(), "the line came while the job ran"
        running.join(120)
        connection.close()
    lines = log.read_text().splitlines()
    assert lines[0].startswith("--- machine north, hardware class ")
    assert lines[1] == "--- process 1"
    assert lines.count("first line") == sum(line.startswith("--- process ") for line in lines)
    assert lines[-1] == "last line"
