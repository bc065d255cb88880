"""An evaluation on this machine ends soon after it is stopped, with all its processes."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psutil
import pytest

from bench.machines_cluster import requested
from harness.spec import Places, no_progress
from machines.executor import LocalExecutor
from machines.stopping import Stopped

SLEEP_S = 25
SLEEPS = (
    f"import time\nimport numpy as np\ndef build(context):\n    time.sleep({SLEEP_S})\n    return np.argmax\n"
)


def test_an_evaluation_is_stopped_while_its_submission_builds(tmp_path: Path, places: Places) -> None:
    stop = threading.Event()
    before = set(psutil.Process().children(recursive=True))
    timer = threading.Timer(1.0, stop.set)
    with LocalExecutor().reserved("edge", stop) as evaluator:
        began = time.monotonic()
        timer.start()
        with pytest.raises(Stopped):
            evaluator(requested(tmp_path, SLEEPS, places), places, no_progress)
    assert time.monotonic() - began < SLEEP_S, "the submission slept to its end"
    assert set(psutil.Process().children(recursive=True)) <= before
