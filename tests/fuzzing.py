"""What tests with damaged files share: many files in a process with a cap, and what must come of them."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
MANY = 2000
MOST_BYTES = 3_000_000_000
"""Of address space above what the libraries take."""

Fuzz = Callable[[str, int, int], dict[str, Any]]
"""Takes a format, how many damaged files to read, and a seed; returns refused, taken, wrong and slowest."""


def processor_s() -> float:
    """Return the processor time of this process and of its ended children, in seconds."""
    return sum(os.times()[:4])


def main(fuzz: Fuzz) -> None:
    """Read the files that the command line asks for, with a cap on memory, and print what came of them."""
    name, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGESIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, used + MOST_BYTES))
    print(json.dumps(fuzz(name, count, seed)))


def many(module: str, name: str, timeout_s: float) -> dict[str, Any]:
    """Read MANY damaged files of a format in a process of its own, which runs ``module``."""
    command = [sys.executable, "-m", module, name, str(MANY), "0"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    came: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return came


def assert_right(came: dict[str, Any], count: int, most_s: float) -> None:
    """Assert that each file was refused or taken, some were refused, and none took more than ``most_s``."""
    assert came["wrong"] == []
    assert came["refused"] + came["taken"] == count
    assert came["refused"] > 0
    assert came["slowest"] < most_s
