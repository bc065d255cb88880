"""Python environments that submissions run in, and what a task allows of those that they bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """An environment on disk, shared read-only by every process of its submissions.

    ``name`` is ``own-``, or the name of a stock environment and ``-``, and the beginning of the hash it is
    stored under. ``python`` starts hosts, and ``python_version`` is its version; ``versions`` holds that of
    each package, ``size`` is in bytes.
    """

    name: str
    python: Path
    python_version: str
    versions: Mapping[str, str]
    size: int

    @property
    def folder(self) -> Path:
        """The folder of the environment."""
        return self.python.parent.parent

    @property
    def kind(self) -> str:
        """The name of the stock environment that it is, or ``own``."""
        return self.name.rpartition("-")[0]


@dataclass(frozen=True)
class OwnEnvironments:
    """What a task allows of the environments that submissions bring.

    ``sources`` are where packages come from, in order: addresses of simple indexes (PEP 503, PEP 691) or
    folders of wheels. ``most_mb`` is the size of the unpacked packages in 10**6 bytes.
    """

    allowed: bool = True
    sources: tuple[str, ...] = ("https://pypi.org/simple", "https://download.pytorch.org/whl/cpu")
    most_mb: int = 6000
    most_packages: int = 200
