"""What the retrieval entries keep of a class: old scores stay bit by bit, and few examples compete evenly."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from harness.intake.lookup import find_submission
from harness.session.worker import worker
from harness.spec import Places
from tasks.retrieval.task import task

RUN = """
import json, sys
import numpy as np
sys.path.append(sys.argv[1])
import banks, submission

rng = np.random.default_rng(0)
centres = rng.normal(size=(10_008, 64)).astype(np.float32)

def examples(labels):
    return centres[labels] + rng.normal(size=(len(labels), 64)).astype(np.float32)

def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)

def nearest(x, y):
    made = banks.Nearest(unit, 64)
    made.update(x, y)
    return made

base = np.repeat(np.arange(100), 40)
makers = {"nearest": nearest, "means": lambda x, y: banks.Means(unit, x, y),
          "even means": lambda x, y: submission.EvenMeans(unit, x, y)}
found = {}
asked = [examples(np.array([label])) for label in range(16)]
for name, make in makers.items():
    model = make(examples(base), base)
    new = np.arange(100, 10_000)
    model.update(examples(new), new)
    before = [model(x)[:, :100] for x in asked]
    for label in range(10_000, 10_008):
        model.update(examples(np.array([label])), np.array([label]))
    after = [model(x)[:, :100] for x in asked]
    few, many = np.arange(100, 600), np.repeat(np.arange(100), 5)
    own = [model(examples(labels))[np.arange(len(labels)), labels].mean() for labels in (few, many)]
    found[name] = {"same": all(np.array_equal(*pair) for pair in zip(before, after)),
                   "few over many": float(own[0] / own[1])}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = find_submission(task, "ours", Places.under(tmp_path_factory.mktemp("home"))).path
    command = [worker("tensorflow").python, "-c", RUN, path]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-1500:]
    return json.loads(run.stdout)


@pytest.mark.parametrize("bank", ["nearest", "means", "even means"])
def test_a_class_that_is_added_to_ten_thousand_changes_no_old_score(found: Any, bank: str) -> None:
    assert found[bank]["same"] is True


def test_classes_of_one_example_compete_evenly_with_classes_of_forty(found: Any) -> None:
    assert found["means"]["few over many"] < 0.8
    assert found["even means"]["few over many"] == pytest.approx(1, abs=0.03)
