"""The entry `compiled` takes the same steps as `fast`, in the worker's Python."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from datasets.clicks import mini
from harness import ROOT
from harness.session.worker import worker

ENTRIES = ROOT / "submissions" / "recommender"
RUN = """
import sys
sys.path[:0] = sys.argv[1:3]
import numpy as np
import fast
import submission as compiled
params = {"batch": 256, "embedding": 8, "embedding_reach": 0.01, "hidden": [64, 32], "learning_rate": 0.03}
mine, theirs = compiled.Table(sys.argv[3]), fast.Table(sys.argv[3])
a, b = compiled.WideAndDeep(mine, params, 0, 2), fast.WideAndDeep(theirs, params, 0, 2)
b.deep[:] = a.deep[:, :8]
for one, other in zip(a.layers, b.layers, strict=True):
    other[:] = one
for one, other in zip(mine.batches(sys.argv[3], 256), theirs.batches(sys.argv[3], 256), strict=True):
    a.step(*one)
    b.step(*other)
asked = {"numerical": other[1][:9], "categorical": (other[2] - theirs.offsets)[:9]}
print(np.abs(a.deep[:, :8] - b.deep).max(), np.abs(a.wide[:, 0] - b.wide).max())
print(np.abs(a(asked) - b(asked)).max())
"""


@pytest.mark.slow
def test_compiled_takes_the_steps_of_fast(tmp_path: Path) -> None:
    for part in ("public", "private"):
        (tmp_path / part).mkdir()
    mini.write(mini.Plan(rows=2000, vocabulary=500, hidden=1024, probes=60), tmp_path)
    command = [worker().python, "-c", RUN, ENTRIES / "compiled", ENTRIES, tmp_path / "public"]
    run = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-1500:]
    assert max(map(float, run.stdout.split())) < 1e-3
    assert np.isfinite(float(run.stdout.split()[0]))
