"""Isolation level 2: another user's identity, Landlock and seccomp.

It needs root, and a Python that other users may read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from harness.sandbox import confinement, jail
from harness.sandbox.backends.probe import held_by_kernel, probe
from harness.sandbox.policy import Policy
from harness.spec.errors import NotAvailable

_PYTHON = Path(sys.executable).resolve()
_numbers = count(os.getpid() % 100_000 * 1000)
_FIRST = 1_000_000_000  # far above the users any machine has


@dataclass(frozen=True)
class OtherUser:
    """Implements ``policy.Backend``. Every jail gets a user of its own, so that jails cannot meet."""

    level: int = 2
    name: str = "uid"
    safe: bool = True
    loopback: bool = False
    python: Path = _PYTHON

    def missing(self) -> str | None:
        """What stands against another user, in words; None where such a user can run Python."""
        if os.geteuid() != 0:
            return "only root can start processes as another user"
        if hidden := _hidden(self.python):
            return f"another user cannot reach {self.python}: {hidden} is closed to others"
        return confinement.missing() or probe(self, self.python)

    def details(self) -> Mapping[str, str]:
        """The mechanism behind each wall."""
        return {**confinement.details(), "signals": "another user", **held_by_kernel()}

    def launch(
        self, policy: Policy, command: Sequence[str], keep: Sequence[int], output: int
    ) -> jail.RunningJail:
        """Start ``command`` inside; see ``policy.Backend.launch``."""
        for path in (Path(command[0]), *policy.readable):
            if hidden := _hidden(path):
                raise NotAvailable(f"isolation 'uid' cannot show {path}: {hidden} is closed to others")
        if hidden := _hidden(policy.workdir.parent):
            raise NotAvailable(f"isolation 'uid' cannot show {policy.workdir}: {hidden} is closed to others")
        return confinement.launch(policy, command, keep, output, user=_FIRST + next(_numbers))


def _hidden(path: Path) -> Path | None:
    """The first folder on the way to ``path``, or the file itself, that others may not use."""
    real = path.resolve()
    if not real.exists():
        return None  # its use raises
    for part in (*reversed(real.parents), real):
        mode = part.stat().st_mode
        if not mode & (0o001 if part.is_dir() else 0o004):
            return part
    return None
