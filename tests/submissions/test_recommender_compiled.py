"""The entry `compiled` takes the same steps as `fast`, in the worker's Python."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from datasets.clicks import mini
from harness.intake.lookup import find_submission
from harness.session.worker import worker
from harness.spec import Places
from tasks.recommender.task import task

RUN = """
import importlib.util, sys
import numpy as np

def entry(name, folder):
    sys.path.append(folder)
    spec = importlib.util.spec_from_file_location(name, folder + "/submission.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

compiled, fast = entry("compiled", sys.argv[1]), entry("fast", sys.argv[2])
params = {"batch": 256, "embedding": 8, "embedding_reach": 0.01, "hidden": [64, 32], "learning_rate": 0.03}
mine, theirs = compiled.Table(sys.argv[3]), fast.Table(sys.argv[3])
a, b = compiled.WideAndDeep(mine, params, 0, 2), fast.WideAndDeep(theirs, params, 0, 2)
b.deep[:] = a.table.deep[:, :8]
for one, other in zip(a.layers, b.layers, strict=True):
    other[:] = one
for one, other in zip(mine.batches(sys.argv[3], 256), theirs.batches(sys.argv[3], 256), strict=True):
    a.step(*one)
    b.step(*other)
asked = {"numerical": other[1][:9], "categorical": (other[2] - theirs.offsets)[:9]}
print(np.abs(a.table.deep[:, :8] - b.deep).max(), np.abs(a.table.wide[:, 0] - b.wide).max())
print(np.abs(a(asked) - b(asked)).max())
"""


@pytest.mark.slow
def test_compiled_takes_the_steps_of_fast(tmp_path: Path) -> None:
    for part in ("public", "private"):
        (tmp_path / part).mkdir()
    mini.write(mini.Plan(rows=2000, vocabulary=500, hidden=1024, probes=60), tmp_path)
    entries = [find_submission(task, name, Places.under(tmp_path)).path for name in ("compiled", "fast")]
    command = [worker("tensorflow").python, "-c", RUN, *entries, tmp_path / "public"]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-1500:]
    assert max(map(float, run.stdout.split())) < 1e-3
    assert np.isfinite(float(run.stdout.split()[0]))
