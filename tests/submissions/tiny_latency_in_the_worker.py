"""Run by the worker's Python: ``tiny_latency_in_the_worker.py ENTRY FOLDER CASES``.

Loads the entry and asks every case of CASES, an ``.npz`` with inputs, state and answer of each. Prints 'ok',
or on one line each what was wrong.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np


def build(entry: Path, folder: Path):
    sys.path.append(str(entry))
    spec = importlib.util.spec_from_file_location("submission", entry / "submission.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    public, workdir = str(folder / "public"), str(folder / "workdir")
    (folder / "workdir").mkdir(exist_ok=True)
    return module.build(SimpleNamespace(public=public, workdir=workdir, seed=0, profile={}, params={}))


def wrong(model, cases):
    for name in sorted({key.partition("|")[0] for key in cases}):
        answer = np.asarray(model({part: cases[f"{name}|{part}"] for part in ("inputs", "state")}))
        right = cases[f"{name}|answer"]
        if answer.shape != right.shape or not (np.isnan(answer) == np.isnan(right)).all():
            yield f"{name}: shape {answer.shape} for {right.shape}, or NaN in other places"
            continue
        apart, scale = (np.nanmax(np.abs(each), initial=0) for each in (answer - right, right))
        if apart > 1e-4 * max(scale, 1):
            yield f"{name}: off by {apart:.2g}"


def refuses(model, width):
    """Whether queries of other shapes are refused, and the shape is named."""
    for inputs, state in (((3, 17), (width,)), ((18,), (width,)), ((3, 18), (width + 1,))):
        try:
            model({"inputs": np.zeros(inputs, np.float32), "state": np.zeros(state, np.float32)})
        except ValueError as error:
            if str(inputs) in str(error):
                continue
        return False
    return True


def main(entry: Path, folder: Path, cases: Path) -> None:
    model = build(entry, folder)
    held = dict(np.load(cases))
    found = list(wrong(model, held))
    width = next(array.shape[0] for key, array in held.items() if key.endswith("|state"))
    if not refuses(model, width):
        found.append("queries of other shapes are not refused")
    print("\n".join(found) or "ok")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
