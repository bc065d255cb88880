"""Walls without bubblewrap: what the supervisor is told to put up with Landlock and seccomp."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from harness.sandbox import jail, landlock, paths, seccomp
from harness.spec.errors import NotAvailable

if TYPE_CHECKING:
    from harness.sandbox.launcher import Confinement
    from harness.sandbox.policy import Policy

_HOLDS_SIGNALS = 6


def missing() -> str | None:
    """None where the kernel has Landlock and this machine's system calls are known."""
    if not landlock.abi():
        return "this kernel has no Landlock; Linux 5.13 or later with 'landlock' among its LSMs has"
    return seccomp.missing()


def details() -> Mapping[str, str]:
    """What holds each wall."""
    version = landlock.abi()
    return {
        "files": f"Landlock ABI {version}",
        "network": "seccomp",
        "signals": f"Landlock ABI {version}" if version >= _HOLDS_SIGNALS else "seccomp",
        "cleanup": "supervisor",
    }


def launch(
    policy: Policy,
    command: Sequence[str],
    keep: Sequence[int],
    output: int,
    user: int | None = None,
    open_to_all: bool = False,
) -> jail.RunningJail:
    """Start ``command`` under the supervisor, as ``user`` if given, with no walls if ``open_to_all``."""
    if policy.loopback and not open_to_all:
        raise NotAvailable("a browser needs a network of its own, which only isolation 'bubblewrap' gives")
    workdir = policy.workdir.resolve()
    home, temporary = workdir / ".home", workdir / ".tmp"
    return jail.start(
        "supervisor.py",
        policy,
        command,
        keep,
        output,
        wrappers=1,
        environment=jail.environment(policy, home, temporary),
        folders=(workdir, home, temporary),
        user=user,
        confinement=None if open_to_all else _confinement(policy),
    )


def _confinement(policy: Policy) -> Confinement:
    readable = [*paths.SYSTEM, *paths.PROC, *map(str, policy.readable)]
    devices = list(paths.DEVICES)
    if policy.gpu:
        readable += paths.gpu_files()
        devices += paths.gpu_devices()
    return {
        "paths": [
            *((path, landlock.READ) for path in readable),
            *((path, landlock.DEVICE) for path in devices),
            (str(policy.workdir), landlock.WRITE),
        ],
        "program": _program(),
        "own_pid": seccomp.OWN_PID.to_bytes(4, "little"),
    }


@cache
def _program() -> bytes:
    return seccomp.program(seccomp.rules_in_sight(signals_held=landlock.abi() >= _HOLDS_SIGNALS))
