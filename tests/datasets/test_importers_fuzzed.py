"""Damaged files of every format that ``--from`` takes: a clear refusal or a right result, and nothing else.

Where many are prepared, it is in a process of its own with a cap on its memory.
A refusal names a file of the user; a result is one whose queries can be loaded.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest

from harness.spec import DataRequest
from harness.spec.errors import UserError
from tests.datasets.mutate import mutated
from tests.datasets.small_inputs import FILES, FORMATS
from tests.fuzzing import MANY, assert_right, main, many, processor_s

MOST_S = 10.0
"""Of processor time, for one file of a few kilobytes; the time limit of the run finds one that waits."""


def fuzz(name: str, count: int, seed: int) -> dict[str, Any]:
    """Prepare ``count`` damaged folders; return how many were refused and taken, and what was wrong."""
    dataset, variant, make = FORMATS[name]
    rng = random.Random(seed)
    came: dict[str, list[str]] = {"refused": [], "taken": [], "wrong": []}
    slowest = 0.0
    with tempfile.TemporaryDirectory() as work:
        source = Path(work) / "source"
        path = make(source)
        whole = path.read_bytes()
        given = path if name in FILES else source
        dataset.prepare(DataRequest(variant, Path(work) / "cache", source=given))
        for number in range(count):
            path.write_bytes(mutated(whole, rng))
            started, cache = processor_s(), Path(work) / "cache"
            try:
                dataset.prepare(DataRequest(variant, cache, source=given))
                came["taken"].append(str(number))
            except UserError as error:
                named = str(source) in str(error) and str(cache) not in str(error)
                came["refused" if named else "wrong"].append(f"{number}: {error}"[:300])
            except Exception as error:
                came["wrong"].append(f"{number}: {type(error).__name__}: {error}"[:300])
            slowest = max(slowest, processor_s() - started)
            shutil.rmtree(cache, ignore_errors=True)
    return {
        "refused": len(came["refused"]),
        "taken": len(came["taken"]),
        "wrong": came["wrong"],
        "slowest": slowest,
    }


@pytest.mark.parametrize("name", FORMATS)
def test_a_few_damaged_files_are_refused_or_right(name: str) -> None:
    assert_right(fuzz(name, 15, seed=0), 15, MOST_S)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_are_refused_or_right(name: str) -> None:
    assert_right(many("tests.datasets.test_importers_fuzzed", name, timeout_s=1800), MANY, MOST_S)


if __name__ == "__main__":
    main(fuzz)
