"""Work over processes gives what work in one process gives, in the same order."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness import fanning
from harness.fanning import fanned
from harness.spec.errors import UserError

ROOT = Path(__file__).parents[2]
KILLED = """
import os, signal, sys
from harness.fanning import by_processes
from tests.harness.test_fanning import square
for number, (_, process) in enumerate(by_processes(square, range(1000), 2)):
    print(process, flush=True)
    if number == 3:
        os.kill(os.getpid(), signal.{how})
"""


def square(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def slow(number: int) -> tuple[int, int]:
    time.sleep(0.05)
    return square(number)


def refuse(number: int) -> int:
    if number == 5:
        raise UserError("five is not here")
    return number


def test_quick_work_stays_in_this_process() -> None:
    assert list(fanned(square, range(50))) == [(n * n, os.getpid()) for n in range(50)]
    assert list(fanned(square, [])) == []


def test_long_work_goes_over_processes_and_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanning, "_WORTH_S", 0.5)
    results = list(fanned(slow, range(60), processes=2))
    assert [value for value, _ in results] == [n * n for n in range(60)]
    assert len({process for _, process in results} - {os.getpid()}) >= 1


@pytest.mark.parametrize("worth_s", [100.0, -1.0])
def test_an_error_is_raised_as_in_one_process(monkeypatch: pytest.MonkeyPatch, worth_s: float) -> None:
    monkeypatch.setattr(fanning, "_WORTH_S", worth_s)
    with pytest.raises(UserError, match="five is not here"):
        list(fanned(refuse, range(10), processes=2))


@pytest.mark.parametrize("how", ["SIGINT", "SIGKILL"])
def test_no_process_outlives_the_one_that_began_it(how: str) -> None:
    words = [sys.executable, "-c", KILLED.format(how=how)]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode != 0
    processes = {int(line) for line in ended.stdout.split()}
    assert processes
    for _ in range(100):
        left = [number for number in processes if psutil.pid_exists(number)]
        if not left:
            return
        time.sleep(0.05)
    raise AssertionError(left)
