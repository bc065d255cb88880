"""Isolation level 4: a bare process with limits.

It is not safe: what ran here is never ranked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.sandbox import confinement, jail
from harness.sandbox.backends.probe import held_by_kernel, probe
from harness.sandbox.policy import Policy


@dataclass(frozen=True)
class Bare:
    """Implements ``policy.Backend``."""

    level: int = 4
    name: str = "bare"
    safe: bool = False
    loopback: bool = True

    def missing(self) -> str | None:
        """What keeps processes from being started, in words; None where they can be."""
        return probe(self)

    def details(self) -> Mapping[str, str]:
        """The mechanism behind each wall, where there is one."""
        return {
            "files": "open",
            "network": "open",
            "signals": "open",
            "cleanup": "supervisor",
            **held_by_kernel(),
        }

    def launch(
        self, policy: Policy, command: Sequence[str], keep: Sequence[int], output: int
    ) -> jail.RunningJail:
        """Start ``command``; see ``policy.Backend.launch``."""
        return confinement.launch(policy, command, keep, output, open_to_all=True)
