"""Tier 3: Landlock and seccomp in pure Python, for machines without bubblewrap and users without rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.sandbox import confinement, jail
from harness.sandbox.backends.probe import held_by_kernel, probe
from harness.sandbox.policy import Policy


@dataclass(frozen=True)
class Landlocked:
    """Implements ``policy.Tier``."""

    level: int = 3
    name: str = "landlock"
    safe: bool = True

    def missing(self) -> str | None:
        """None where the kernel has Landlock and seccomp."""
        return confinement.missing() or probe(self)

    def details(self) -> Mapping[str, str]:
        """What holds each wall."""
        return {**confinement.details(), **held_by_kernel()}

    def launch(
        self, policy: Policy, command: Sequence[str], keep: Sequence[int], output: int
    ) -> jail.RunningJail:
        """Start ``command`` inside; see ``policy.Tier``."""
        return confinement.launch(policy, command, keep, output)
