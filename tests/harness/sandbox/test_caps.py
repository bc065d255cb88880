"""Memory, processes and disk: floods end in the right word and are small outside."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from harness.sandbox.policy import Backend

Start = Callable[..., Any]


@pytest.fixture
def polled_floods() -> int:
    """How many processes a fork bomb may reach between two looks, outside of control groups."""
    return 24 * 16 + 64


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param("kept = bytearray(200_000_000)", id="one process"),
        pytest.param(
            """
for _ in range(8):
    if os.fork() == 0:
        kept = bytearray(30_000_000)
        time.sleep(60)
""",
            id="many forks",
        ),
        pytest.param(
            """
import mmap
kept = mmap.mmap(-1, 200_000_000)
for _ in range(50):
    kept.write(bytes(4_000_000))
""",
            id="shared memory",
        ),
    ],
)
def test_memory(backend: Backend, caps: str, start: Start, flood: str) -> None:
    with start(backend, "tell('go')\n" + flood + "\ntime.sleep(60)") as running:
        assert running.beyond() == "memory"
        assert running.jail.exceeded() == "memory"


def test_pages_shared_by_forks_count_once(backend: Backend, caps: str, start: Start) -> None:
    code = """
kept = bytearray(50_000_000)
for _ in range(4):
    if os.fork() == 0:
        time.sleep(60)
tell("forked")
time.sleep(60)
"""
    with start(backend, code) as running:
        assert running.line() == "forked"
        assert len(running.jail.tree()) == 5
        assert running.jail.exceeded() is None


def test_reserving_more_than_ever_is_refused_at_once(backend: Backend, start: Start) -> None:
    code = """
try:
    bytearray(100_000_000_000)
except MemoryError:
    tell("MemoryError")
"""
    with start(backend, code) as running:
        assert running.line() == "MemoryError"


def test_private_folders_are_small(start: Start, safe: Backend) -> None:
    if safe.name != "bubblewrap":
        pytest.skip("only bubblewrap mounts memory file systems")
    code = """
def fill(folder):
    with open(folder + "/flood", "wb") as file:
        for _ in range(100):
            file.write(bytes(1_000_000))
tell([error_of(lambda: fill(folder)) for folder in ("/tmp", os.environ["HOME"], "/dev/shm")])
"""
    with start(safe, code, disk_mb=200) as running:
        assert running.line() == ["OSError"] * 3


def test_a_fork_bomb_stays_small(backend: Backend, caps: str, start: Start, polled_floods: int) -> None:
    # Root's forks are bounded by nothing here but the harness's looking.
    unbounded = caps == "polling" and os.getuid() == 0 and backend.name != "uid"
    rounds = "range(300)" if unbounded else "iter(int, 1)"
    code = f"""
tell("go")
for _ in {rounds}:
    try:
        if os.fork() == 0:
            time.sleep(60)
    except OSError:
        time.sleep(0.01)
time.sleep(60)
"""
    with start(backend, code) as running:
        assert running.beyond() == "processes"
        assert len(running.jail.tree()) < polled_floods
    assert running.jail.tree() == ()


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(
            "for i in range(50): open(f'{i}', 'wb').write(os.urandom(1_000_000))\n", id="many files"
        ),
        pytest.param("for i in range(700): open(f'{i}', 'wb').close()\n", id="empty files"),
        pytest.param(
            """
kept = []
for i in range(50):
    kept.append(open("file", "wb"))
    os.unlink("file")
    kept[-1].write(os.urandom(1_000_000))
    kept[-1].flush()
""",
            id="deleted files",
        ),
        pytest.param(
            """
for _ in range(25):
    os.mkdir("d" * 200)
    os.chdir("d" * 200)
open("deep", "wb").write(bytes(1))
""",
            id="too deep to look",
        ),
        pytest.param(
            """
os.mkdir("shut", 0o300)
for i in range(3):
    open(f"shut/{i}", "wb").write(os.urandom(1_000_000))
""",
            id="a folder shut to us",
        ),
    ],
)
def test_disk(backend: Backend, start: Start, flood: str) -> None:
    with start(backend, "tell('go')\n" + flood + "time.sleep(60)", disk_mb=2) as running:
        assert running.beyond() == "disk"


def test_one_file_cannot_grow_beyond_the_cap(backend: Backend, start: Start) -> None:
    code = """
def write():
    with open("large", "wb") as file:
        file.truncate(30_000_000)
tell(error_of(write))
"""
    with start(backend, code) as running:
        assert running.line() == "OSError"


def test_no_core_is_dumped(backend: Backend, start: Start) -> None:
    code = """
import resource
try:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (OSError, ValueError):
    pass
limits = open("/proc/self/limits").read().splitlines()
tell([line.split()[4:6] for line in limits if line.startswith("Max core")][0])
"""
    with start(backend, code) as running:
        assert running.line() == (["1", "1"] if backend.safe else ["0", "0"])  # 0 starts a piped handler
