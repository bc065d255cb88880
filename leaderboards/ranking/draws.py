"""The bootstrap draws of one metric of one record, which paired tests compare."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.spec import Array

_STORED = np.dtype("<f4")


@dataclass(frozen=True, eq=False)
class BootstrapDraws:
    """``draws`` (b,) float32, under resamples of ``clusters`` that all records of the same data share.

    ``units`` counts what was scored in these clusters; 0 where an older record does not say.
    """

    draws: Array
    clusters: int
    units: int = 0

    @classmethod
    def of(cls, archive: bytes | None, metric: str) -> BootstrapDraws | None:
        """Take those of one metric from the bytes of a ``bootstrap.npz``; None where it has none."""
        if archive is None:
            return None
        with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
            if metric not in arrays:
                return None
            units = int(arrays["units"]) if "units" in arrays else 0
            return cls(arrays[metric].astype(_STORED), int(arrays["clusters"]), units)

    @classmethod
    def unpacked(cls, draws: bytes, clusters: int, units: int) -> BootstrapDraws:
        """Read back what ``packed`` wrote."""
        return cls(np.frombuffer(draws, _STORED), clusters, units)

    def packed(self) -> bytes:
        """The draws alone, little-endian float32."""
        return self.draws.astype(_STORED).tobytes()


def same_resamples(draws: Sequence[BootstrapDraws]) -> list[BootstrapDraws]:
    """Return the draws that can be compared with each other.

    Those of older records, which say nothing of units, are left out where newer ones are resampled in
    another way. Raises ``ValueError`` where others differ: they do not belong on one board.
    """
    newer = [one for one in draws if one.units] or list(draws)
    kinds = {(len(one.draws), one.clusters) for one in newer}
    if len(kinds) > 1:
        raise ValueError("these bootstrap draws come from different resamples: they cannot share a board.")
    return [one for one in draws if (len(one.draws), one.clusters) in kinds]
