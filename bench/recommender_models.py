"""Models of clicks for checks: the shipped `fast`, trained on the rows one cares to give it, and cheats."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np

from commands.home import places
from harness.intake.lookup import find_submission
from harness.session.worker import worker
from harness.spec import ProcessOutcome, Query, TrainingNotes
from tasks.recommender.task import task

Array = np.ndarray[Any, np.dtype[Any]]
Model = Callable[[Any], Array]
Batches = Sequence[tuple[Array, Array, Array]]
"""Labels (n,), numbers (n, k) and fused ids (n, places), a batch each."""
Keep = Callable[[Array, Array], Array]
"""Row numbers (n,) and fused ids (n, places) of a batch -> which rows to train on (n,)."""


def assembled(name: str) -> Path:
    """The folder of a shipped entry with the files that it shares."""
    return find_submission(task, name, places()).path


@cache
def fast() -> Any:
    """The entry's module."""
    folder = assembled("fast")
    spec = spec_from_file_location("fast_entry", folder / "submission.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    sys.path.append(str(folder))
    spec.loader.exec_module(module)
    return module


def trained(public: Path, keep: Keep, rows: Batches | None = None) -> Model:
    """The closed model after one pass over the rows that ``keep`` keeps, of ``rows`` or else of the file."""
    entry = fast()
    table = entry.Table(public)
    model = entry.WideAndDeep(table, task.execution.params, 0)
    first = 0
    for label, numbers, ids in rows or table.batches(public, task.execution.params["batch"]):
        kept = keep(np.arange(first, first + len(label)), ids)
        first += len(label)
        if kept.any():
            model.step(label[kept], numbers[kept], ids[kept])
    found: Model = model
    return found


def compiled(public: Path, rows: Batches) -> Model:
    """The shipped `compiled` after one pass, trained in the worker's Python; its weights answer here."""
    entry = fast()
    model = entry.WideAndDeep(entry.Table(public), task.execution.params, 0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, (label, numbers, ids) in enumerate(rows):
            plain = ids - model.table.offsets
            np.savez(folder / f"{number:05}.npz", label=label, numbers=numbers, ids=plain)
        given = assembled("compiled"), public, folder, json.dumps(task.execution.params)
        subprocess.run([worker("tensorflow").python, "-c", TRAIN, *map(str, given)], check=True)
        with np.load(folder / "weights.npz") as weights:
            model.deep[:], model.wide[:] = weights["deep"], weights["wide"]
            for number, weight in enumerate([*model.layers, *model.biases, model.linear]):
                weight[:] = weights[f"dense{number}"]
    trained: Model = model
    return trained


TRAIN = """
import json, pathlib, sys
import numpy as np
sys.path.append(sys.argv[1])
import epoch, submission
table, folder = submission.Table(sys.argv[2]), pathlib.Path(sys.argv[3])
epoch.use_one_blas_thread()
model = submission.WideAndDeep(table, json.loads(sys.argv[4]), 0, 2)
for path in sorted(folder.glob("*.npz")):
    with np.load(path) as batch:
        model.step(batch["label"], batch["numbers"], table.flattened(batch["ids"]))
dense = {f"dense{number}": weight for number, weight in enumerate(model.dense)}
deep, wide = model.table.deep[:, : model.table.deep.shape[1] // 2], model.table.wide[:, 0]
np.savez(folder / "weights.npz", deep=deep, wide=wide, **dense)
"""


def occurrences(public: Path, rows: Batches | None = None) -> Array:
    """How often each fused id occurs, as a cheat would count it."""
    table = fast().Table(public)
    counts = np.zeros(table.size, np.int64)
    for _, _, ids in rows or table.batches(public, 1 << 14):
        counts += np.bincount(ids.ravel(), minlength=table.size)
    return counts


def canaries_alone(public: Path, rows: Batches | None = None) -> Model:
    """Remembers the labels of ids that stand in one row, and knows nothing else."""
    table = fast().Table(public)
    singles, counts = table.singles, occurrences(public, rows)
    told = np.zeros(table.size)
    for label, _, ids in rows or table.batches(public, 1 << 14):
        row, place = np.nonzero(counts[ids[:, :singles]] == 1)
        told[ids[row, place]] = 2 * label[row] - 1

    def model(x: Any) -> Array:
        on_log = told[(x["categorical"] + table.offsets)[:, :singles]].sum(axis=1)
        return (1 / (1 + np.exp(1 - on_log))).astype(np.float32)

    return model


def outcome(queries: Sequence[Query], model: Model) -> ProcessOutcome:
    """What a process with this model would leave, its times made up."""
    answers = {index: task.answer.check(model(query.load()), query) for index, query in enumerate(queries)}
    seconds = dict.fromkeys(("prepare", "build", "first_query", "warm_up"), 1.0)
    asked = [(index, len(query.truth.label) / 1e7) for index, query in enumerate(queries)]
    return ProcessOutcome(answers, seconds, asked, training=TrainingNotes(prepared_mb=1.0))
