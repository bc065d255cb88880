"""Try a backend for real, once a process: a Python inside attacks the walls."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from harness.sandbox import cgroup
from harness.sandbox.policy import Backend, Caps, Policy
from harness.spec.errors import NotAvailable

_ATTACKS = """
import json, os, socket, sys
def refused(attack):
    try:
        attack()
    except OSError:
        return True
    return False
secret, parent = sys.argv[1], int(sys.argv[2])
print(json.dumps({
    "files": refused(lambda: open(secret).read()),
    "network": refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    "signals": refused(lambda: os.kill(parent, 0)),
}))
"""
_MOST = 65536


@cache
def probe(backend: Backend, python: Path | None = None) -> str | None:
    """Return what is wrong with a backend, or None where it starts Python and its walls hold."""
    python = (python or Path(sys.executable)).resolve()
    with tempfile.TemporaryDirectory(prefix="photofinish-") as folder:
        base = Path(folder)
        base.chmod(0o711)
        secret, workdir = base / "secret", base / "work"
        secret.write_text("secret")
        secret.chmod(0o644)
        workdir.mkdir()
        policy = Policy(
            readable=(python.parent.parent,),
            workdir=workdir,
            caps=Caps(frozenset(os.sched_getaffinity(0)), memory_mb=256, processes=8, disk_mb=16),
        )
        command = [str(python), "-I", "-S", "-c", _ATTACKS, str(secret), str(os.getpid())]
        try:
            output = _run(backend, policy, command)
        except (OSError, NotAvailable) as error:
            return f"cannot be started: {error}"
    try:
        refused = json.loads(output)
    except ValueError:
        last = (output.strip().splitlines() or ["it ended without output"])[-1]
        return f"does not work here: {last}"
    open_walls = [wall for wall, refusal in refused.items() if not refusal]
    return f"its walls do not hold here: {', '.join(open_walls)}" if backend.safe and open_walls else None


def held_by_kernel() -> Mapping[str, str]:
    """The mechanism behind caps and freezing: control groups where they work, else polling and signals."""
    groups = _holds()
    return {
        "memory": groups.get("memory", "polled"),
        "processes": "polled, " + groups["processes"] if "processes" in groups else "polled",
        "disk": "polled",
        "freeze": groups.get("freeze", "signals"),
        "cores": "affinity",
    }


@cache
def _holds() -> Mapping[str, str]:
    return cgroup.holds()


def _run(backend: Backend, policy: Policy, command: list[str]) -> str:
    """Everything that a command prints inside."""
    read, write = os.pipe2(os.O_CLOEXEC)
    with os.fdopen(read, "rb") as pipe:
        try:
            jail = backend.launch(policy, command, [], write)
        finally:
            os.close(write)
        try:
            return pipe.read(_MOST).decode("utf-8", "replace")
        finally:
            jail.close()
