"""A source of data, a request to it, and what it makes ready."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.fanning import Fan, fanned
from harness.spec.types import Progress, no_progress


@dataclass(frozen=True)
class Prepared:
    """A dataset made ready: ``public`` is what contestants may read, ``private`` they never see.

    ``open`` says that anybody can know what is hidden, as of published data and of those made from an open
    seed; None where that is not known.
    """

    name: str
    variant: str
    sha256: str
    public: Path
    private: Path
    open: bool | None = None


@dataclass(frozen=True)
class DataRequest:
    """What a dataset is asked for. ``source`` is the user's own folder (``--from``) or None.

    ``seed`` makes generated data, and is an integer of 128 bits where they are sealed: a key that is secret.
    ``fan`` computes what takes long to generate: over processes, or on machines of a cluster.
    """

    variant: str
    cache: Path
    source: Path | None = None
    seed: int = 0
    progress: Progress = no_progress
    fan: Fan = fanned

    @property
    def made_from(self) -> str:
        """Name the seed in paths, which contestants see: an open one itself, a secret key by its hash."""
        return f"sealed-{key_hash(self.seed)[:16]}" if is_key(self.seed) else str(self.seed)


def is_key(seed: int) -> bool:
    """Whether a seed is the secret key of sealed data; open seeds have at most 32 bits."""
    return seed >= 2**32


def key_hash(key: int) -> str:
    """Return the hash by which a key is published before it is opened: SHA-256 of its 32 hex digits."""
    return hashlib.sha256(f"{key:032x}".encode()).hexdigest()


Disguise = Callable[[Prepared, int, Path, Progress], Prepared]
"""Write data for one run into a folder, everything a stored model could know renamed by a secret key."""


@dataclass(frozen=True)
class Dataset:
    """A source of data. ``prepare`` fetches or generates, verifies, and moves into place atomically.

    ``disguise``, if given, is used anew in each run; it must not change what any answer is worth.
    """

    name: str
    title: str
    variants: Mapping[str, str]
    prepare: Callable[[DataRequest], Prepared]
    disguise: Disguise | None = None
