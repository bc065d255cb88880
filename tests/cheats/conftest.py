"""The backends that this machine has, each with a worker it can reach, and a host to attack."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.sandbox import all_backends, choose
from harness.sandbox.backends.uid import OtherUser
from harness.sandbox.policy import Backend
from harness.session.worker import worker
from tests.cheats.host_under_attack import Host


@pytest.fixture(scope="session")
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.close()


@pytest.fixture(scope="session")
def open_worker() -> Iterator[Path | str]:
    """A worker that every user can read, or why there is none: the system's Python, NumPy copied in."""
    system = shutil.which("python3", path="/usr/bin:/bin")
    ours = worker()
    packages = next(ours.python.parent.parent.glob("lib/python*/site-packages"))
    if system is None or _version(system) != _version(str(ours.python)):
        yield "the system's Python is not of the worker's version"
        return
    folder = Path(tempfile.mkdtemp(prefix="photofinish-worker-"))
    folder.chmod(0o755)
    subprocess.run([system, "-m", "venv", "--without-pip", str(folder)], check=True)
    for part in ("numpy", "numpy.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, folder / "lib" / packages.parent.name / "site-packages" / part)
    yield folder
    shutil.rmtree(folder)


def _version(python: str) -> str:
    return subprocess.run([python, "-c", "import sys; print(sys.version_info[:2])"],
                          check=True, capture_output=True, text=True).stdout  # fmt: skip


@pytest.fixture
def reach(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Callable[[Backend], Backend]:
    """Make a backend usable here, or skip saying why not."""

    def reached(backend: Backend) -> Backend:
        reason = backend.missing()
        if reason and backend.name == "uid" and os.geteuid() == 0:
            folder = request.getfixturevalue("open_worker")
            if isinstance(folder, Path):
                monkeypatch.setenv("PHOTOFINISH_WORKER", str(folder))
                backend = OtherUser(python=folder / "bin" / "python")
                reason = backend.missing()
            else:
                reason = f"{reason}; {folder}"
        if reason:
            pytest.skip(f"{backend.name}: {reason}")
        return backend

    return reached


def backends() -> list[object]:
    """Every backend with walls; those that this machine would not choose are slow: 258 attempts in all."""
    best = choose().name
    return [
        pytest.param(backend, id=backend.name, marks=[] if backend.name == best else [pytest.mark.slow])
        for backend in all_backends()
        if backend.safe
    ]


@pytest.fixture(params=backends())
def safe(request: pytest.FixtureRequest, reach: Callable[[Backend], Backend]) -> Backend:
    """Every backend with walls."""
    return reach(request.param)
