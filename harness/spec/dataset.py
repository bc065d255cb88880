"""A source of data, a request to it, and what it makes ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.spec.types import Progress, no_progress


@dataclass(frozen=True)
class Prepared:
    """A dataset made ready: ``public`` is what contestants may read, ``private`` they never see."""

    name: str
    variant: str
    sha256: str
    public: Path
    private: Path


@dataclass(frozen=True)
class DataRequest:
    """What a dataset is asked for. ``source`` is the user's own folder (``--from``) or None."""

    variant: str
    cache: Path
    source: Path | None = None
    seed: int = 0
    progress: Progress = no_progress


@dataclass(frozen=True)
class Dataset:
    """A source of data. ``prepare`` fetches or generates, verifies, and moves into place atomically."""

    name: str
    title: str
    variants: Mapping[str, str]
    prepare: Callable[[DataRequest], Prepared]
