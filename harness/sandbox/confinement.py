"""Walls without bubblewrap: the supervisor puts them up with Landlock and seccomp."""

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
    """What keeps Landlock and seccomp from working here, in words; None where they do."""
    if not landlock.abi():
        return "this kernel has no Landlock; Linux 5.13 or later with 'landlock' among its LSMs has"
    return seccomp.missing()


def details() -> Mapping[str, str]:
    """The mechanism behind each wall."""
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
    """Start ``command`` under the supervisor, as ``user`` if given, without walls if ``open_to_all``.

    Raises NotAvailable where loopback sockets are wanted and walls stand.
    """
    if policy.loopback and not open_to_all:
        raise NotAvailable("a browser needs a network of its own, which only isolation 'bubblewrap' gives")
    workdir = policy.workdir.resolve()
    home, temporary = workdir / ".home", workdir / ".tmp"
    how = jail.Start(
        "supervisor.py",
        wrappers=1,
        environment=jail.environment(policy, home, temporary),
        folders=(workdir, home, temporary),
        user=user,
        confinement=None if open_to_all else _confinement(policy),
    )
    return jail.start(how, policy, command, keep, output)


def _confinement(policy: Policy) -> Confinement:
    drivers = paths.driver_files(policy.accelerator)
    readable = [*paths.SYSTEM, *paths.PROC, *drivers, *map(str, policy.readable)]
    devices = [*paths.DEVICES, *paths.devices(policy.accelerator)]
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
