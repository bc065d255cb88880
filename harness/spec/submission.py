"""A submission as it lies on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Submission:
    """A contestant's entry on disk. ``sha256`` covers every file; ``size`` is in bytes."""

    name: str
    path: Path
    kind: Literal["python", "litert", "keras", "savedmodel", "onnx", "javascript"]
    sha256: str
    size: int
    team: str = ""
