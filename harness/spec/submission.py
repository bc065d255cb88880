"""A submission as it lies on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.spec.environment import Environment


@dataclass(frozen=True)
class Submission:
    """A contestant's entry on disk.

    ``kind`` is the name of its runtime (``harness/host/runtimes``), ``sha256`` covers every file, ``size`` is
    in bytes. ``environment`` is the one that it brings, or the stock one that it wants. Where it is None, the
    submission runs in the one that ``PHOTOFINISH_WORKER`` names, or in the stock one if that has been made.
    """

    name: str
    path: Path
    kind: str
    sha256: str
    size: int
    team: str = ""
    environment: Environment | None = None
