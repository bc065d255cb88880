"""The shipped starfish entries build and answer in the worker's Python, and share one network."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.session.worker import ROOT, worker

ENTRIES = ROOT / "submissions" / "cots"
ASK = """
import importlib.util, pathlib, sys, types
import numpy as np
path = pathlib.Path(sys.argv[1])
sys.path.append(str(path.parent))
spec = importlib.util.spec_from_file_location("submission", path)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
model = module.build(types.SimpleNamespace(profile={"threads": 1}))
rng = np.random.default_rng(0)
for number in range(3):
    x = {"frame": rng.integers(0, 255, (720, 1280, 3), dtype=np.uint8)}
    x |= {"video_id": np.int64(0), "sequence": np.int64(number // 2), "sequence_frame": np.int64(number)}
    y = np.asarray(model(x))
    assert y.ndim == 2 and y.shape[1] == 5 and np.isfinite(y).all(), y.shape
    assert (y[:, 3:] > 0).all()
print("ok")
"""


@pytest.mark.parametrize("entry", ["blob.py", "cnn/submission.py", "cnn_tracked/submission.py"])
def test_an_entry_answers_in_the_right_shape(entry: str) -> None:
    told = subprocess.run(
        [worker().python, "-I", "-c", ASK, str(ENTRIES / entry)], capture_output=True, text=True, check=False
    )
    assert told.stdout.strip().endswith("ok"), told.stderr[-800:]


@pytest.mark.parametrize("name", ["detector.py", "model.tflite"])
def test_the_tracker_carries_the_same_detector(name: str) -> None:
    assert (ENTRIES / "cnn" / name).read_bytes() == (ENTRIES / "cnn_tracked" / name).read_bytes()


def test_the_network_is_small() -> None:
    assert Path(ENTRIES / "cnn" / "model.tflite").stat().st_size < 2_000_000
