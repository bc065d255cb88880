"""What lies in a record's folder beside the record, as far as pages show it.

Only what holds of the public split is read: the rows, not the answers, and no log, in which a submission may
have printed what it was asked. Folders never change, so what was read once is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from harness.record.series import MemorySample, read_latencies, read_memory
from leaderboards.boards.names import plain
from leaderboards.ranking import BootstrapDraws

if TYPE_CHECKING:
    from harness.spec import Array

    Draws: TypeAlias = Mapping[str, BootstrapDraws]

PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_KEPT = 32
_BOOTSTRAP = "bootstrap.npz"


@dataclass(frozen=True)
class Unit:
    """One scored unit: its statistics in the order of ``Units.names``."""

    id: str
    cluster: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Units:
    """Units ``offset`` … of the ``total`` of the public split. ``names`` are the statistics; where one has
    several numbers a unit (one a threshold, say) their mean is given and ``means`` says of how many."""

    names: tuple[str, ...]
    means: tuple[int, ...]
    units: tuple[Unit, ...]
    total: int
    offset: int


@lru_cache(maxsize=_KEPT)
def latencies(folder: Path) -> tuple[Array, Array]:
    """Milliseconds of every timed request of the submission and of the reference; empty where not kept."""
    path = folder / "latencies.csv"
    return read_latencies(path) if path.exists() else (np.array([]), np.array([]))


@lru_cache(maxsize=_KEPT)
def memory(folder: Path) -> tuple[MemorySample, ...]:
    """Memory over time, in order; empty where it was not sampled."""
    path = folder / "memory.csv"
    samples = read_memory(path) if path.exists() else ()
    return tuple(replace(sample, phase=plain(sample.phase)) for sample in samples)


def units(folder: Path, offset: int, limit: int) -> Units | None:
    """A stretch of the per-unit results; None where there are none."""
    rows = _rows(folder)
    if not rows:
        return None
    ids, clusters = rows["id"], rows["cluster"]
    names = tuple(name for name in rows if name not in {"id", "cluster"})
    tables = [rows[name].reshape(len(ids), -1).astype(float) for name in names]
    end = min(offset + limit, len(ids))
    return Units(
        names=tuple(map(plain, names)),
        means=tuple(table.shape[1] for table in tables),
        units=tuple(
            Unit(
                plain(str(ids[here])),
                plain(str(clusters[here])),
                tuple(float(table[here].mean()) for table in tables),
            )
            for here in range(min(offset, len(ids)), end)
        ),
        total=len(ids),
        offset=offset,
    )


@lru_cache(maxsize=_KEPT)
def _rows(folder: Path) -> Mapping[str, Array]:
    path = folder / "rows.npz"
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as held:
        return {name: held[name] for name in held.files}


@lru_cache(maxsize=_KEPT)
def replicates(folder: Path) -> Draws:
    """Metric -> its bootstrap replicates."""
    path = folder / _BOOTSTRAP
    if not path.exists():
        return {}
    with np.load(path, allow_pickle=False) as held:
        clusters = int(held["clusters"])
        return {name: BootstrapDraws(held[name], clusters) for name in held.files if name != "clusters"}


def pictures(folder: Path) -> tuple[str, ...]:
    """File names of the example pictures of public units, in order."""
    held = folder / "images"
    if not held.is_dir():
        return ()
    return tuple(sorted(path.name for path in held.iterdir() if path.suffix.lower() in PICTURES))
