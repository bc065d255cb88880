"""A stranger's process inside any backend that works here, and what the test may ask of it."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.sandbox import all_backends, cgroup, disk
from harness.sandbox.backends.uid import OtherUser
from harness.sandbox.policy import Backend, Caps, Jail, Policy

SYSTEM_PYTHON = Path(shutil.which("python3", path="/usr/bin:/bin") or sys.executable).resolve()
HELPERS = """
import ctypes, json, os, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def error_of(attack):
    "The name of the error an attack ends with, or None: it went through."
    try:
        attack()
    except OSError as error:
        return type(error).__name__
def call(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), "")
def tell(value):
    print(json.dumps(value), flush=True)
"""
BACKENDS = [
    OtherUser(python=SYSTEM_PYTHON) if backend.name == "uid" else backend for backend in all_backends()
]


@dataclass
class Running:
    """A jail, what it says, and its folder."""

    jail: Jail
    said: int
    workdir: Path

    def line(self, within_s: float = 20) -> Any:
        """The next thing it tells (JSON), past what libraries print; fails where that takes too long."""
        other, text = b"", b""
        os.set_blocking(self.said, False)
        deadline = time.monotonic() + within_s
        while True:
            try:
                byte = os.read(self.said, 1)
            except BlockingIOError:
                assert time.monotonic() < deadline, f"silence after {(other + text).decode()}"
                time.sleep(0.002)
                continue
            assert byte, f"it ended after {(other + text).decode()}"
            text += byte
            if byte == b"\n":
                try:
                    return json.loads(text)
                except ValueError:
                    other, text = other + text, b""

    def rest(self) -> str:
        """Whatever it says until nobody holds the other end any more."""
        os.set_blocking(self.said, True)
        with os.fdopen(os.dup(self.said)) as said:
            return said.read()

    def beyond(self) -> str | None:
        """Let it go on, then poll the caps until one is exceeded."""
        assert self.line() == "go"
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if found := self.jail.exceeded():
                return found
            time.sleep(0.005)
        raise AssertionError("no cap was exceeded")


Start = Callable[..., Any]


def works(backend: Backend) -> None:
    if reason := backend.missing():
        pytest.skip(f"{backend.name}: {reason}")


@pytest.fixture(scope="session")
def system_python() -> Path:
    """A Python that every user may run, or at least ours."""
    return SYSTEM_PYTHON


@pytest.fixture(params=BACKENDS, ids=lambda backend: backend.name)
def backend(request: pytest.FixtureRequest) -> Backend:
    """Every backend that works here."""
    works(request.param)
    return request.param


@pytest.fixture(params=[backend for backend in BACKENDS if backend.safe], ids=lambda backend: backend.name)
def safe(request: pytest.FixtureRequest) -> Backend:
    """Every backend with walls that works here."""
    works(request.param)
    return request.param


@pytest.fixture(params=["cgroup", "polling"])
def caps(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Caps held by the kernel, where it can, and by looking, as on a machine without control groups."""
    if request.param == "polling":
        monkeypatch.setattr(cgroup, "_usable", dict)
    elif "memory" not in cgroup.holds():
        pytest.skip("no control group holds memory here")
    return request.param


@pytest.fixture
def ground() -> Iterator[Path]:
    """A folder any user can reach (pytest's own are closed to others); ``work`` and ``secret`` are in it."""
    folder = Path(tempfile.mkdtemp(prefix="photofinish-test-"))
    folder.chmod(0o755)
    (folder / "work").mkdir()
    (folder / "secret").mkdir(mode=0o755)
    (folder / "secret" / "labels").write_text("the labels")
    yield folder
    disk.remove(folder)


@pytest.fixture
def start(ground: Path) -> Start:
    """Start Python code inside a backend: ``with start(backend, code, argument, ...) as running``."""

    @contextmanager
    def started(
        backend: Backend, code: str, *arguments: object, keep: tuple[int, ...] = (), **changes: Any
    ) -> Iterator[Running]:
        said, output = os.pipe2(os.O_CLOEXEC)
        python = changes.pop("python", SYSTEM_PYTHON)
        cpus = frozenset(os.sched_getaffinity(0))
        caps: dict[str, Any] = {"cpus": cpus, "memory_mb": 120, "processes": 24, "disk_mb": 20}
        caps |= {name: changes.pop(name) for name in caps if name in changes}
        policy = Policy(
            **{
                "readable": (SYSTEM_PYTHON.parent.parent,),
                "workdir": ground / "work",
                "caps": Caps(**caps),
                **changes,
            }
        )
        command = [str(python), "-I", "-c", HELPERS + code, *map(str, arguments)]
        jail = backend.launch(policy, command, keep, output)
        os.close(output)
        try:
            yield Running(jail, said, policy.workdir)
        finally:
            jail.close()
            os.close(said)

    return started


@pytest.fixture
def attack(start: Start) -> Callable[..., Any]:
    """Run code inside to its end and return the one thing it told."""

    def attacked(backend: Backend, code: str, *arguments: object, **changes: Any) -> Any:
        with start(backend, code, *arguments, **changes) as running:
            return running.line()

    return attacked


def alive(mark: str) -> list[int]:
    """Processes anywhere on the machine with ``mark`` in their command line."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                line = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if mark.encode() in line and int(folder.name) != os.getpid():
                found.append(int(folder.name))
    return found


@pytest.fixture(scope="session")
def gone() -> Callable[[str], bool]:
    """Whether every process with a mark ends in time."""

    def ended(mark: str, within_s: float = 10.0) -> bool:
        deadline = time.monotonic() + within_s
        while alive(mark):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    return ended
