"""Isolation level 3: Landlock and seccomp in pure Python.

For machines without bubblewrap and users without rights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.sandbox import confinement, jail
from harness.sandbox.backends.probe import held_by_kernel, probe
from harness.sandbox.policy import Policy


@dataclass(frozen=True)
class Landlocked:
    """Implements ``policy.Backend``."""

    level: int = 3
    name: str = "landlock"
    safe: bool = True
    loopback: bool = False

    def missing(self) -> str | None:
        """What the kernel lacks, in words; None where it has Landlock and seccomp."""
        return confinement.missing() or probe(self)

    def details(self) -> Mapping[str, str]:
        """The mechanism behind each wall."""
        return {**confinement.details(), **held_by_kernel()}

    def launch(
        self, policy: Policy, command: Sequence[str], keep: Sequence[int], output: int
    ) -> jail.RunningJail:
        """Start ``command`` inside; see ``policy.Backend.launch``."""
        return confinement.launch(policy, command, keep, output)
