"""What every process of one evaluation shares: tier, profile, limits and data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.sandbox.policy import Backend
from harness.spec import Json, Limits, Profile


@dataclass
class Work:
    """How long the processes of one evaluation were waited for, all phases and audits together."""

    ns: int = 0


@dataclass(frozen=True)
class ExecutionSettings:
    """What every process of one evaluation shares."""

    backend: Backend
    profile: Profile
    limits: Limits
    public: Path
    params: Mapping[str, Json]
    work: Work = field(default_factory=Work, compare=False)

    @property
    def memory_mb(self) -> int:
        """The cap that holds: the smaller of the task's and the profile's."""
        return min(self.limits.memory_mb, self.profile.memory_mb or self.limits.memory_mb)

    @property
    def cpus(self) -> frozenset[int]:
        """The cores the contestant is pinned to: the last ones the machine gives."""
        given = sorted(os.sched_getaffinity(0))
        return frozenset(given[-self.profile.cores :] if self.profile.cores else given)
