"""Freezing, ending, and that nothing is left behind whoever dies first."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.probes.usage import cpu_ticks
from harness.sandbox import cgroup, choose
from harness.sandbox.policy import Backend

Start = Callable[..., Any]
ROOT = Path(__file__).parents[3]

BUSY = """
import threading
def spin():
    while True: pass
for _ in range(2):
    threading.Thread(target=spin, daemon=True).start()
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
    spin()
tell("busy")
spin()
"""
DAEMON = """
def daemon():
    if os.fork(): return
    os.setsid()
    if os.fork(): os._exit(0)
    for descriptor in range(256):
        try: os.close(descriptor)
        except OSError: pass
    time.sleep(300)
daemon()
while os.wait()[0]: break
"""


@pytest.fixture
def mark() -> str:
    """Stands in the command line of a test's processes and of no others."""
    return f"mark-{uuid.uuid4()}"


def test_frozen_means_no_cpu(backend: Backend, caps: str, start: Start) -> None:
    with start(backend, BUSY) as running:
        running.line()
        jail = running.jail
        while len(jail.tree()) < 3:
            time.sleep(0.005)
        jail.freeze()
        tree = jail.tree()
        before = [cpu_ticks(pid) for pid in tree]
        time.sleep(0.15)
        assert [cpu_ticks(pid) for pid in tree] == before
        jail.thaw()
        deadline = time.monotonic() + 10
        while any(cpu_ticks(pid) <= was for pid, was in zip(tree, before, strict=True)):
            assert time.monotonic() < deadline, "it does not run again"
            time.sleep(0.02)
        jail.freeze()  # and it may be closed while frozen


def test_a_parent_that_waits_in_vfork_does_not_stop_the_freeze(
    backend: Backend, caps: str, start: Start
) -> None:
    code = """
tell("ready")
clone, vfork_and_sigchld = (56 if os.uname().machine == "x86_64" else 220), 0x4000 | 17
if libc.syscall(clone, vfork_and_sigchld, 0, 0, 0, 0) == 0:
    time.sleep(300)
"""
    with start(backend, code) as running:
        running.line()
        while len(running.jail.tree()) < 2:
            time.sleep(0.005)
        running.jail.freeze()
        running.jail.thaw()
        assert len(running.jail.tree()) == 2, "neither is ended by it"


def test_the_tree_is_the_contestants(backend: Backend, start: Start) -> None:
    with start(backend, "tell(os.getpid())\ntime.sleep(60)") as running:
        running.line()
        (pid,) = running.jail.tree()
        line = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert b"tell(os.getpid())" in line
        assert b"bwrap" not in line


def test_a_daemon_is_in_the_tree_and_ends_with_the_jail(
    backend: Backend, caps: str, start: Start, mark: str, gone: Callable[[str], bool]
) -> None:
    with start(backend, DAEMON + "tell('away')\ntime.sleep(300)", mark) as running:
        running.line()
        assert len(running.jail.tree()) == 2
    assert gone(mark)


def test_a_daemon_ends_with_its_parent(
    backend: Backend, caps: str, start: Start, mark: str, gone: Callable[[str], bool]
) -> None:
    with start(backend, DAEMON + "tell('away')", mark) as running:
        running.line()
        assert gone(mark)


def test_the_pidfd_tells_of_the_end_and_pipes_close(backend: Backend, start: Start) -> None:
    read, write = os.pipe()
    with start(backend, "tell('done')", keep=(write,)) as running:
        os.close(write)
        running.line()
        assert os.read(read, 1) == b""  # nobody of ours holds the other end
        assert running.rest() == ""
    os.close(read)


def test_closing_twice_is_closing_once_and_leaks_nothing(backend: Backend, caps: str, start: Start) -> None:
    with start(backend, "time.sleep(60)") as running:
        running.jail.close()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with start(backend, "time.sleep(60)") as running:
            running.jail.freeze()
        running.jail.close()
        assert running.jail.tree() == ()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_command_that_is_not_there_is_said(backend: Backend, start: Start) -> None:
    with start(backend, "", python="/usr/bin/no-such-python") as running:
        assert "No such file" in running.rest()


HARNESS = """
import os, sys, time
from pathlib import Path
from harness.sandbox import all_backends, cgroup
from harness.sandbox.policy import Caps, Policy
from harness.sandbox.backends.uid import OtherUser
name, caps, frozen, workdir, python, mark, code = sys.argv[1:]
if caps == "polling":
    cgroup._usable = dict
backends = {backend.name: backend for backend in all_backends()} | {"uid": OtherUser(python=Path(python))}
limits = Caps(frozenset(os.sched_getaffinity(0)), 300, 24, 20)
policy = Policy((Path(python).parent.parent,), Path(workdir), limits)
read, write = os.pipe()
jail = backends[name].launch(policy, [python, "-I", "-c", code, mark], [], write)
try:
    said = os.read(read, 100).decode()
    if frozen == "frozen":
        jail.freeze()
    print(said, flush=True)
    time.sleep(300)
finally:
    jail.close()
"""


@pytest.mark.parametrize(
    ("number", "frozen"),
    [(signal.SIGKILL, "frozen"), (signal.SIGKILL, "running"), (signal.SIGINT, "running")],
)
def test_the_harness_dies_and_nothing_stays(
    backend: Backend,
    caps: str,
    ground: Path,
    mark: str,
    number: signal.Signals,
    frozen: str,
    system_python: Path,
    gone: Callable[[str], bool],
) -> None:
    code = "import os, time\n" + DAEMON + "print('ready', flush=True)\ntime.sleep(300)"
    command = [sys.executable, "-c", HARNESS, backend.name, caps, frozen, str(ground / "work")]
    with subprocess.Popen(
        [*command, str(system_python), mark, code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as harness:
        assert harness.stdout
        assert harness.stdout.readline() == b"ready\n"
        harness.send_signal(number)
        harness.wait()
    assert gone(mark)


def test_groups_of_killed_harnesses_are_swept() -> None:
    group = cgroup.create(64, 64)
    if group is None:
        pytest.skip("no control groups here")
    group.close()
    assert not any(folder.exists() for folder in group.folders.values())
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = [folder.with_name(f"photofinish-{dead.pid}-0") for folder in group.folders.values()]
    for folder in left:
        folder.mkdir()
    cgroup._usable.cache_clear()
    assert cgroup.holds() == group.holds
    assert not any(folder.exists() for folder in left)


def test_choosing() -> None:
    assert choose().missing() is None
    assert choose("bare").safe is False
