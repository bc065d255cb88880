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
from harness.record.units import UnitRows, read_units
from leaderboards.boards.names import plain
from leaderboards.ranking import BootstrapDraws

if TYPE_CHECKING:
    from harness.spec import Array

PICTURES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
_CACHED = 32


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
    if not path.exists() or rows is None or statistic not in rows.statistics:
        return np.array([]), np.array([])
    sizes = dict(zip(rows.ids.tolist(), rows.statistics[statistic].ravel().tolist(), strict=False))
    units, ns = read_unit_times(path)
    known = [number for number, unit in enumerate(units) if unit in sizes]
    return np.array([sizes[units[number]] for number in known]), ns[known]


@lru_cache(maxsize=_CACHED)
def memory(folder: Path) -> tuple[MemorySample, ...]:
    """Read the memory over time; empty where it was not sampled."""
    path = folder / "memory.csv"
    samples = read_memory(path) if path.exists() else ()
    return tuple(replace(sample, phase=plain(sample.phase)) for sample in samples)


@lru_cache(maxsize=_CACHED)
def unit_rows(folder: Path) -> UnitRows | None:
    """Read the public units; None where there are none."""
    return read_units(folder)


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
    """Pictures of one ``unit``, as file names write it.

    ``layers`` of caption and file name: several show the same place and size.
    """

    unit: str
    layers: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The unit for people."""
        return plain(self.unit)

    @property
    def of_entry(self) -> str:
        """The file that shows the entry's answer: the second layer, where there are several."""
        return self.layers[min(1, len(self.layers) - 1)][1]


def examples(folder: Path) -> tuple[Example, ...]:
    """Group the example pictures: files called ``NAME~CAPTION.png`` with one NAME lie over each other."""
    parts = [(file, *file.rpartition(".")[0].partition("~")) for file in pictures(folder)]
    return tuple(
        Example(name, tuple((plain(caption), file) for file, _, _, caption in group))
        for name, group in groupby(parts, key=lambda part: part[1])
    )
