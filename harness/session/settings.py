"""What every process of one evaluation shares: sandbox backend, profile, limits and data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from harness.sandbox.policy import Backend
from harness.spec import Json, Limits, Profile


@dataclass
class Work:
    """The time that one evaluation waited for its processes, in all phases and audits."""

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
        """The memory cap: the smaller of the task's and the profile's, in MB."""
        return min(self.limits.memory_mb, self.profile.memory_mb or self.limits.memory_mb)

    def context(self, workdir: Path, seed: int) -> dict[str, Json]:
        """Return what ``build(context)`` is given, as JSON."""
        return {
            "public": str(self.public),
            "workdir": str(workdir),
            "profile": {
                "name": self.profile.name,
                "threads": len(self.cpus),
                "memory_mb": self.memory_mb,
                "accelerator": self.profile.accelerator.name,
            },
            "seed": seed,
            "params": self.params,
        }

    @property
    def cpus(self) -> frozenset[int]:
        """The cores that the submission is pinned to: the last ones that the machine gives."""
        given = sorted(os.sched_getaffinity(0))
        return frozenset(given[-self.profile.cores :] if self.profile.cores else given)
