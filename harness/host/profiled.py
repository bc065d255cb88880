"""A submission that runs another one under cProfile and prints where the time goes after its last query.

It is copied beside ``profile.json``, which says where the other's file is and how many queries come.
"""

from __future__ import annotations

import cProfile
import importlib.util
import inspect
import json
import os
import pstats
import sys
import time
import types
from collections.abc import Iterator
from typing import Any

HERE = os.path.dirname(os.path.abspath(__file__))
LINES = 15
profiler = cProfile.Profile(time.perf_counter)


def _imported(path: str) -> types.ModuleType:
    """Import the other submission as the host would."""
    sys.path.append(os.path.dirname(path))
    spec = importlib.util.spec_from_file_location("profiled_submission", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["profiled_submission"] = module
    profiler.runcall(spec.loader.exec_module, module)
    return module


with open(os.path.join(HERE, "profile.json")) as _file:
    told = json.load(_file)
submission = _imported(os.path.join(HERE, told["entry"]))


def prepare(context: Any) -> None:
    """Prepare data where the submission does."""
    if hasattr(submission, "prepare"):
        profiler.runcall(submission.prepare, context)


def build(context: Any) -> Any:
    """Build or train the model of the submission."""
    made = profiler.runcall(submission.build, context)
    return _checkpoints(made) if inspect.isgenerator(made) else Profiled(made)


def _checkpoints(training: Iterator[Any]) -> Any:
    model = None
    while True:
        try:
            model = profiler.runcall(next, training)
        except StopIteration as end:
            return Profiled(model if end.value is None else end.value)
        yield model


class Profiled:
    """Calls the model under the profiler; after the last query it prints what took longest."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.left = told["queries"]

    def __call__(self, x: Any) -> Any:
        """Answer one query."""
        answer = profiler.runcall(self.model, x)
        self.left -= 1
        if self.left == 0:
            report()
        return answer

    def update(self, x: Any, y: Any) -> None:
        """Take one lesson."""
        profiler.runcall(self.model.update, x, y)


def report() -> None:
    """Print the functions that took longest by themselves, with their share of all the time."""
    functions: dict[Any, Any] = pstats.Stats(profiler).stats  # type: ignore[attr-defined]
    total = sum(own for _, _, own, _, _ in functions.values()) or 1.0
    print(f"where {total:.3f} s went, function by function (own time, with what it calls, calls)")
    longest = sorted(functions.items(), key=lambda item: -item[1][2])[:LINES]
    for (file, line, name), (calls, _, own, whole, _) in longest:
        where = "" if file.startswith(("~", "<")) else f"  {os.path.relpath(file, HERE)}:{line}"
        print(f"{100 * own / total:5.1f} %  {own:8.3f} s  {whole:8.3f} s  {calls:8d}  {name}{where}")
