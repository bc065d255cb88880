"""A submission as it lies on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.spec.environment import Environment


@dataclass(frozen=True)
class Submission:
    """A contestant's entry on disk.

    ``kind`` is the name of its runtime (``harness/host/runtimes``), ``sha256`` covers every file, ``size`` is
    in bytes. ``environment`` is the one that it brings; without it, it runs in the stock environment.
    """

    name: str
    path: Path
    kind: str
    sha256: str
    size: int
    team: str = ""
    environment: Environment | None = None
