"""Processes that build the same cache at once, are interrupted or are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from datasets.cache import materialise

ROOT = Path(__file__).parents[2]


def build(folder: Path) -> None:
    (folder / "public" / "train.csv").write_text("a,b\n1,2\n")
    (folder / "private" / "test.csv").write_text("a,split\n3,public\n4,private\n")
    (folder / "private" / "images").mkdir()
    (folder / "private" / "images" / "3.jpg").write_bytes(b"\xff\xd8 three")


def visible(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if not path.name.endswith(".lock"))


SLOW = """
import sys, time
from pathlib import Path
from datasets.cache import materialise
cache = Path(sys.argv[1])

def build(folder):
    with (cache / "builds").open("a") as log:
        log.write("x")
    (folder / "public" / "train.csv").write_text("half")
    while not (cache / "go").exists():
        time.sleep(0.01)
    (folder / "public" / "train.csv").write_text("whole")

def said(what, done, total):
    if "waiting" in what:
        print(what, flush=True)

prepared = materialise(cache, "set-1", build, name="set", variant="mini", progress=said)
print((prepared.public / "train.csv").read_text())
"""


def start(cache: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", SLOW, str(cache)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.01)


def test_two_runs_build_once(tmp_path: Path) -> None:
    first = start(tmp_path)
    wait_for(tmp_path / ".set-1.building" / "public" / "train.csv")
    second = start(tmp_path)
    assert second.stdout is not None
    assert second.stdout.readline() == "waiting for another process that prepares set-1\n"
    (tmp_path / "go").touch()
    assert first.communicate(timeout=60)[0] == "whole\n"
    assert second.communicate(timeout=60)[0] == "whole\n"
    assert (tmp_path / "builds").read_text() == "x"


def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    run = start(tmp_path)
    wait_for(tmp_path / ".set-1.building" / "public" / "train.csv")
    run.send_signal(signal.SIGINT)
    _, errors = run.communicate(timeout=60)
    assert "KeyboardInterrupt" in errors
    assert visible(tmp_path) == ["builds"]


@pytest.mark.parametrize("key", ["set-1", "set-2"])
def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path, key: str) -> None:
    run = start(tmp_path)
    wait_for(tmp_path / ".set-1.building" / "public" / "train.csv")
    # While it lives, another dataset leaves it alone.
    materialise(tmp_path, "set-0", build, name="set", variant="mini")
    assert (tmp_path / ".set-1.building").is_dir()
    os.kill(run.pid, signal.SIGKILL)
    run.communicate(timeout=60)
    materialise(tmp_path, key, build, name="set", variant="mini")
    assert visible(tmp_path) == ["builds", "set-0", key]
    assert (tmp_path / key / "public" / "train.csv").read_text() == "a,b\n1,2\n"
