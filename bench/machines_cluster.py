"""A real Ray cluster on this computer: a head and machines, each with a home of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from harness.files import draw_once, sha256_of
from harness.intake.lookup import find_submission, find_task
from harness.intake.request import (
    EvaluationRequest,
    RequestedData,
    RequestedSubmission,
    RequestedTask,
    RunOptions,
)
from harness.spec import DataRequest, Places
from machines.enrolment import Enrolment
from machines.joining import token_file
from machines.keys import machine_key

ROOT = Path(__file__).parents[1]
TINY = ROOT / "tests" / "fixtures" / "tiny"
TOKEN = secrets.token_hex(32)
"""One for all clusters of a process: Ray reads the token once."""


@dataclass
class Cluster:
    """A head and its machines; ``before`` are words before a machine's command, such as ``ip netns exec``."""

    folder: Path
    address: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def host(self) -> Path:
        return self.folder / "host"

    def run(self, name: str, *words: str, home: Path | None = None, before: Sequence[str] = ()) -> Path:
        """Start a command of ours and return the file of its output."""
        log = self.folder / f"{name}.log"
        environment = {"PHOTOFINISH_HOME": str(home or self.folder / name)}
        environment["PHOTOFINISH_LOCK"] = str(self.folder / f"{name}.lock")
        with log.open("wb") as file:
            self.processes[name] = subprocess.Popen(
                [*before, sys.executable, "run_bench.py", *words], cwd=ROOT,
                env={**os.environ, **environment}, stdout=file, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        return log

    def start(self, name: str, *words: str, before: Sequence[str] = ()) -> None:
        """Start a node, and wait until it has begun."""
        log = self.run(name, *words, before=before)
        for _ in range(900):
            if b"will now block forever" in log.read_bytes():
                return
            assert self.processes[name].poll() is None, log.read_text()
            time.sleep(0.1)
        raise AssertionError(log.read_text())

    def join(self, name: str, profiles: str, *, enrolled: bool = True, before: Sequence[str] = ()) -> None:
        token = token_file(self.folder / name)
        token.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(token_file(self.host), token)
        self.start(name, "join", self.address, "--profiles", profiles, before=before)
        if enrolled:
            Enrolment(self.host).enrol(name, self.key(name))

    def key(self, name: str) -> str:
        return machine_key(self.folder / name / "machines").public

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a machine's processes and all their descendants."""
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(self.processes[name].pid)
            for process in (root, *root.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)

    def busy(self, name: str) -> bool:
        """Whether a machine evaluates."""
        return any(self._begun(name))

    def busy_one(self, *names: str) -> str:
        """Wait until one of the machines evaluates, and return its name."""
        for _ in range(1200):
            for name in names:
                if self.busy(name):
                    return name
            time.sleep(0.1)
        raise AssertionError(f"none of {names} evaluates")

    def forget(self, name: str) -> None:
        """Remove what a machine left that was killed in its evaluation."""
        for left in self._begun(name):
            shutil.rmtree(left, ignore_errors=True)

    def _begun(self, name: str) -> list[Path]:
        """List the folders of evaluations on a machine; deeper ones may vanish while they are searched."""
        return list((self.folder / name / "machines").glob(".records-*"))

    def end(self) -> None:
        """Kill everything."""
        for name in self.processes:
            self.signal(name, signal.SIGKILL)
        for process in self.processes.values():
            process.wait()


@contextmanager
def started(folder: Path, host: str = "127.0.0.1") -> Iterator[Cluster]:
    """Start a head that listens on an address of this computer; all ends with the block."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port = probe.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder, f"{host}:{port}")
    draw_once(token_file(cluster.host), lambda: TOKEN)
    try:
        cluster.start("host", "machines", "head", cluster.address)
        yield cluster
    finally:
        cluster.end()


def requested(
    folder: Path,
    source: str,
    places: Places,
    *,
    profile: str = "edge",
    quick: bool = True,
    of: Path = TINY,
) -> EvaluationRequest:
    """Return a request to evaluate a submission of this source on a task: the tiny one of the tests."""
    file, entry = folder / of.name / "task.py", folder / "mine.py"
    if not file.exists():
        shutil.copytree(of, file.parent, ignore=shutil.ignore_patterns("__pycache__"))
    entry.write_text(source)
    task = find_task(str(file))
    prepared = task.dataset.prepare(DataRequest("mini", places.data))
    mine = find_submission(task, str(entry), places, "north")
    reference = find_submission(task, task.execution.reference, places)
    return EvaluationRequest(
        task=RequestedTask(name=task.name, version=task.version, file=file, sha256=sha256_of(file)),
        data=RequestedData(name=prepared.name, variant=prepared.variant, sha256=prepared.sha256),
        submission=RequestedSubmission(
            name="mine", team="north", kind=mine.kind, sha256=mine.sha256, path=entry
        ),
        reference=RequestedSubmission(
            name=reference.name, kind=reference.kind, sha256=reference.sha256, team=reference.team
        ),
        run=RunOptions(profile=profile, scenario=task.execution.scenario, quick=quick),
    )
