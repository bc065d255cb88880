"""What a sandbox used at its peak, however short and wherever the memory lay, by each way of counting."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import cgroup, choose
from harness.sandbox.cgroup_memory import MemoryAccount, account
from harness.sandbox.memory import GroupMeter, TreeMeter
from harness.sandbox.policy import Backend

Start = Callable[..., Any]
MB = 1_000_000
SPIKE = "kept = bytearray(120_000_000); time.sleep(0.05); del kept"
DELETED = """
kept = open(folder + "/file", "w+b")
os.unlink(folder + "/file")
for _ in range(60): kept.write(bytes(1_000_000))
kept.flush()
time.sleep(0.05)
"""
FILE = """
with open(folder + "/file", "wb") as kept:
    for _ in range(60): kept.write(bytes(1_000_000))
time.sleep(0.05)
"""
SLOWLY = """
with open("file", "wb") as kept:
    for _ in range(60):
        kept.write(bytes(1_000_000))
        time.sleep(0.01)
"""
CHILD = """
if os.fork() == 0:
    kept = bytearray(120_000_000)
    time.sleep(0.02)
    os._exit(0)
os.wait()
"""
PIPES = """
ends = [os.pipe() for _ in range(200)]
for _, end in ends: os.write(end, bytes(65536))
time.sleep(0.05)
"""


def peaks_mb(start: Start, backend: Backend, code: str) -> tuple[float, float]:
    """The peak at rest and with the code, each in a phase of its own."""
    waiting = "tell('go')\nimport sys\nwhile not os.path.exists('now'): time.sleep(0.001)\n"
    with start(
        backend, waiting + code + "\ntell('done')\ntime.sleep(60)", memory_mb=900, disk_mb=200
    ) as running:
        assert running.line() == "go"
        running.jail.begin_memory_peak()
        time.sleep(0.02)
        idle = running.jail.memory_peak_mb()
        running.jail.begin_memory_peak()
        (running.workdir / "now").touch()
        os.set_blocking(running.said, False)
        deadline = time.monotonic() + 20
        said = b""
        while b"done" not in said and time.monotonic() < deadline:
            running.jail.exceeded()  # as the watch does while a request is under way
            time.sleep(0.01)
            try:
                said += os.read(running.said, 100)
            except BlockingIOError:
                continue
        assert b"done" in said
        return idle, running.jail.memory_peak_mb()


@pytest.mark.skipif("memory" not in cgroup.holds(), reason="no control group counts memory here")
@pytest.mark.parametrize("code", [SPIKE, CHILD], ids=["50 ms", "a child of 20 ms"])
def test_a_control_group_counts_what_lives_shortly(start: Start, code: str) -> None:
    idle, peak = peaks_mb(start, choose(), code)
    assert peak - idle == pytest.approx(120, abs=6)


def test_a_spike_in_a_living_process_is_seen_without_a_group(start: Start, caps: str) -> None:
    idle, peak = peaks_mb(start, choose(), SPIKE)
    assert peak - idle == pytest.approx(120, abs=6)


@pytest.mark.parametrize("code", [FILE, DELETED], ids=["a file", "a deleted file"])
def test_files_in_memory_count_as_memory(safe: Backend, caps: str, start: Start, code: str) -> None:
    if safe.name != "bubblewrap":
        pytest.skip("only bubblewrap mounts memory file systems")
    idle, peak = peaks_mb(start, safe, "folder = '/tmp'\n" + code)
    assert peak - idle == pytest.approx(60, abs=4)


def test_what_waits_in_pipes_counts_as_memory(safe: Backend, caps: str, start: Start) -> None:
    idle, peak = peaks_mb(start, safe, PIPES)
    assert peak - idle == pytest.approx(200 * 65536 / MB, abs=3)


def test_the_cache_of_files_that_can_be_dropped_is_no_memory(safe: Backend, caps: str, start: Start) -> None:
    idle, peak = peaks_mb(start, safe, SLOWLY)
    assert peak - idle < 6, "but for what one look misses"


class Kernel:
    """Files as the kernel shows them of a group of version 2."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.set(0, 0, 0)

    def set(self, peak: int, file: int, shmem: int) -> None:
        stat = f"anon 1\nfile {file * MB}\nkernel 5\nshmem {shmem * MB}\nzswap 0\n"
        for name, text in (("memory.peak", f"{peak * MB}\n"), ("memory.stat", stat)):
            with (self.folder / name).open("r+" if (self.folder / name).exists() else "w") as control:
                control.truncate(0)
                control.write(text)


@pytest.fixture
def kernel(tmp_path: Path) -> Kernel:
    return Kernel(tmp_path)


def test_a_group_of_version_2_is_read_by_its_own_names(kernel: Kernel) -> None:
    opened = account({"unified": kernel.folder})
    assert isinstance(opened, MemoryAccount)
    kernel.set(peak=800, file=300, shmem=100)
    assert (opened.peak(), opened.file_cache()) == (800 * MB, 200 * MB)
    assert account({"unified": kernel.folder / "missing"}) is None


def test_a_file_read_and_dropped_hides_no_memory(kernel: Kernel) -> None:
    """Cache grows by 500 MB between two looks, or shrinks: what was in use is never counted smaller."""
    opened = account({"unified": kernel.folder})
    assert opened is not None
    kernel.set(peak=100, file=0, shmem=0)
    meter = GroupMeter(opened)
    meter.begin()
    kernel.set(peak=600, file=500, shmem=0)  # 100 in use, or a spike of 600 and then 500 of cache
    meter.look(())
    kernel.set(peak=700, file=100, shmem=0)  # cache gone: 600 may have been in use
    assert meter.peak(()) == 600 * MB
    meter.begin()
    kernel.set(peak=150, file=100, shmem=0)
    assert meter.peak(()) == 50 * MB


def test_memory_files_count_but_those_of_the_harness(tmp_path: Path) -> None:
    mine, theirs = os.memfd_create("queries"), os.memfd_create("queries")
    try:
        for descriptor in (mine, theirs):
            os.write(descriptor, bytes(8 * MB))
        held = TreeMeter(tmp_path, lambda: 0, frozenset({os.fstat(mine).st_ino})).held([os.getpid()])
        both = TreeMeter(tmp_path, lambda: 0, frozenset()).held([os.getpid()])
        assert both - held == pytest.approx(8 * MB, rel=0.01)
        assert held >= 8 * MB
    finally:
        os.close(mine)
        os.close(theirs)
