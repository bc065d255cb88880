"""The shipped starfish entries build and answer in the worker's Python."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness import ROOT
from harness.intake.lookup import find_submission, shipped_names
from harness.session.worker import worker
from harness.spec import Places
from tasks.cots.task import task

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


@pytest.mark.parametrize("name", shipped_names(task))
def test_an_entry_answers_in_the_right_shape(name: str, tmp_path: Path) -> None:
    path = find_submission(task, name, Places.under(tmp_path)).path
    command = [worker().python, "-I", "-c", ASK, path / "submission.py" if path.is_dir() else path]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert run.stdout.strip().endswith("ok"), run.stderr[-800:]


def test_the_network_is_small() -> None:
    assert (ROOT / "submissions" / "_starfish" / "model.tflite").stat().st_size < 2_000_000
