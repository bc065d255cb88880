"""Damaged files of every format that people hand in or that a home keeps: refused by name, or read.

Where many are read, it is in a process of its own with a cap on its memory.
"""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import pytest

from harness.spec.errors import PhotofinishError
from tests.commands.given_files import FORMATS
from tests.datasets.mutate import mutated
from tests.fuzzing import MANY, assert_right, main, many, processor_s

MOST_S = 5.0
"""Of processor time, for one file of a few kilobytes."""


def fuzz(name: str, count: int, seed: int) -> dict[str, Any]:
    """Read ``count`` damaged files; return how many were refused and taken, and what was wrong."""
    make, read = FORMATS[name]
    rng = random.Random(seed)
    refused, taken, slowest = 0, 0, 0.0
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as work:
        path = make(Path(work))
        whole = path.read_bytes()
        read(path)
        for number in range(count):
            path.write_bytes(mutated(whole, rng))
            started = processor_s()
            try:
                read(path)
                taken += 1
            except PhotofinishError as error:
                refused += 1
                if path.name not in str(error) and str(path.parent) not in str(error):
                    wrong.append(f"{number}: does not name the file: {error}"[:300])
            except Exception as error:
                wrong.append(f"{number}: {type(error).__name__}: {error}"[:300])
            slowest = max(slowest, processor_s() - started)
    return {"refused": refused, "taken": taken, "wrong": wrong, "slowest": slowest}


@pytest.mark.parametrize("name", FORMATS)
def test_a_few_damaged_files_are_refused_by_name_or_read(name: str) -> None:
    assert_right(fuzz(name, 15, seed=0), 15, MOST_S)


@pytest.mark.slow
@pytest.mark.parametrize("name", FORMATS)
def test_damaged_files_are_refused_by_name_or_read(name: str) -> None:
    assert_right(many("tests.commands.test_given_files_fuzzed", name, timeout_s=900), MANY, MOST_S)


if __name__ == "__main__":
    main(fuzz)
