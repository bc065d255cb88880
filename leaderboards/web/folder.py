"""What pages show of a record's folder beside the record itself.

Only results on the public split are read: the rows, but no answers, and no log, in which a submission may
have printed its queries. Folders never change, so what was read once is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.npz import read_recorded
from harness.record.series import MemorySample, read_latencies, read_memory, read_unit_times
from leaderboards.boards.names import plain
from leaderboards.ranking import BootstrapDraws

if TYPE_CHECKING:
    from harness.spec import Array

PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_CACHED = 32


@dataclass(frozen=True)
class Unit:
    """One scored unit: its statistics in the order of ``Units.names``."""

    id: str
    cluster: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Units:
    """Units ``offset`` … of the ``total`` of the public split.

    ``names`` are the statistics. Where a statistic has several numbers a unit (one for each threshold, say),
    their mean is given, and ``means`` says of how many.
    """

    names: tuple[str, ...]
    means: tuple[int, ...]
    units: tuple[Unit, ...]
    total: int
    offset: int


@lru_cache(maxsize=_CACHED)
def latencies(folder: Path) -> tuple[Array, Array]:
    """Read the times (n,) in ms of the submission's requests and the reference's; empty without a file."""
    path = folder / "latencies.csv"
    return read_latencies(path) if path.exists() else (np.array([]), np.array([]))


@lru_cache(maxsize=_CACHED)
def sized_times(folder: Path, statistic: str) -> tuple[Array, Array]:
    """Read the size (n,) and the time (n,) in ns of each request on a public unit.

    ``statistic`` is the one that holds a unit's size. Both arrays are empty where the folder lacks any of it.
    """
    path, rows = folder / "latencies.csv", unit_rows(folder)
    if not path.exists() or statistic not in rows:
        return np.array([]), np.array([])
    sizes = dict(zip(rows["id"].tolist(), rows[statistic].ravel().tolist(), strict=False))
    units, ns = read_unit_times(path)
    known = [number for number, unit in enumerate(units) if unit in sizes]
    return np.array([sizes[units[number]] for number in known]), ns[known]


@lru_cache(maxsize=_CACHED)
def memory(folder: Path) -> tuple[MemorySample, ...]:
    """Read the memory over time; empty where it was not sampled."""
    path = folder / "memory.csv"
    samples = read_memory(path) if path.exists() else ()
    return tuple(replace(sample, phase=plain(sample.phase)) for sample in samples)


def units(folder: Path, offset: int, limit: int, order: Array | None = None) -> Units | None:
    """Read the results of some units, in the order of the numbers given (n,); None where there are none."""
    rows = unit_rows(folder)
    if not rows:
        return None
    ids, clusters = rows["id"], rows["cluster"]
    names = tuple(name for name in rows if name not in {"id", "cluster"})
    tables = [rows[name].reshape(len(ids), -1).astype(float) for name in names]
    shown = (np.arange(len(ids)) if order is None else order)[offset : offset + limit]
    return Units(
        names=tuple(map(plain, names)),
        means=tuple(table.shape[1] for table in tables),
        units=tuple(
            Unit(
                plain(str(ids[row])),
                plain(str(clusters[row])),
                tuple(float(table[row].mean()) for table in tables),
            )
            for row in shown
        ),
        total=len(ids),
        offset=offset,
    )


@lru_cache(maxsize=_CACHED)
def unit_rows(folder: Path) -> Mapping[str, Array]:
    """Read id, cluster and the statistics (n, ...) of the public units; empty where there are none."""
    path = folder / "rows.npz"
    if not path.exists():
        return {}
    return read_recorded(path)


@lru_cache(maxsize=_CACHED)
def bootstrap_draws(folder: Path) -> Mapping[str, BootstrapDraws]:
    """Read the bootstrap draws of every metric that has some."""
    path = folder / "bootstrap.npz"
    if not path.exists():
        return {}
    arrays = read_recorded(path)
    clusters = int(arrays["clusters"])
    return {name: BootstrapDraws(arrays[name], clusters) for name in arrays if name != "clusters"}


def pictures(folder: Path) -> tuple[str, ...]:
    """List the file names of the example pictures of public units, in order."""
    images = folder / "images"
    if not images.is_dir():
        return ()
    return tuple(sorted(path.name for path in images.iterdir() if path.suffix.lower() in PICTURES))


@dataclass(frozen=True)
class Example:
    """Pictures of one unit, ``layers`` of caption and file name; several show the same place and size."""

    name: str
    layers: tuple[tuple[str, str], ...]


def examples(folder: Path) -> tuple[Example, ...]:
    """Group the example pictures: files called ``NAME~CAPTION.png`` with one NAME lie over each other."""
    parts = [(file, *file.rpartition(".")[0].partition("~")) for file in pictures(folder)]
    return tuple(
        Example(plain(name), tuple((plain(caption), file) for file, _, _, caption in group))
        for name, group in groupby(parts, key=lambda part: part[1])
    )
