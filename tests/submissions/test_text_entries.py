"""The text entries in the worker's Python: what they learn, both paths alike, and strings that are odd."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from datasets.texts import layout
from datasets.texts.layout import Text
from harness.intake.lookup import find_submission, shipped_names
from harness.session.worker import worker
from harness.spec import Places, Prepared
from tasks.text import strings
from tasks.text.task import task

ALIKE = ("in_model", "in_dataset", "prefetched", "cached", "fast")
"""Entries of the prescribed features."""
RUN = """
import importlib.util, json, pathlib, sys, types
import numpy as np
entries, public, asked, params = json.loads(sys.argv[1])
context = types.SimpleNamespace(public=public, workdir=public, params=params, seed=0, profile={"threads": 1})
for name, path in entries.items():
    path = pathlib.Path(path)
    sys.path.append(str(path if path.is_dir() else path.parent))
    file = path / "submission.py" if path.is_dir() else path
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = module.build(context)
    for query in sorted(pathlib.Path(asked).glob("*.npz")):
        with np.load(query) as x:
            np.save(query.with_name(f"{query.stem}.{name}.npy"), model(dict(x)))
"""


@pytest.mark.slow
def test_every_entry_learns_serves_as_trained_and_answers_odd_strings(tmp_path: Path) -> None:
    for part in ("public", "private", "asked"):
        (tmp_path / part).mkdir()
    rng = np.random.default_rng(0)

    def text(label: int) -> Text:
        words = rng.choice(["Red,", "green", "BLUE!", "don't", "(grey)"], 6).tolist()
        return Text(" ".join([*words, ("Cat.", "dog?")[label]]).encode(), label)

    layout.write(tmp_path, ("cats", "dogs"), *([text(n % 2) for n in range(count)] for count in (1024, 64)))
    prepared = Prepared("texts", "docstrings", "0" * 64, tmp_path / "public", tmp_path / "private")
    queries = [query for query in task.queries(prepared) if query.cluster != "single"]
    for number, query in enumerate(queries):
        np.savez(tmp_path / "asked" / f"{number:02}.npz", **query.load())
    entries = {
        name: str(find_submission(task, name, Places.under(tmp_path)).path) for name in shipped_names(task)
    }
    given = [entries, str(tmp_path / "public"), str(tmp_path / "asked"), task.execution.params]
    command = [worker("tensorflow").python, "-c", RUN, json.dumps(given)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-1500:]
    features = {}
    for name in entries:
        paths = {}
        for number, query in enumerate(queries):
            answer = np.load(tmp_path / "asked" / f"{number:02}.{name}.npy")
            checked = task.answer.check(answer, query)
            if query.id == "block-0000":
                assert task.quality.tally(checked, query.truth)["right"] > 60, name
            paths[query.truth.ask] = checked
        assert np.array_equal(paths[strings.TRAINING], paths[strings.SERVING]), name
        features[name] = paths[strings.SERVING]
    for name in ALIKE:  # up to the order in which equally frequent words are numbered
        assert (np.sort(features[name].sum(axis=1)) == np.sort(features["in_model"].sum(axis=1))).all(), name
