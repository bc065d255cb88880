"""The bootstrap draws of one metric of one record, which paired tests compare."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.spec import Array

_STORED = np.dtype("<f4")


@dataclass(frozen=True, eq=False)
class BootstrapDraws:
    """``draws`` (b,) float32, under resamples of ``clusters`` that all records of the same data share."""

    draws: Array
    clusters: int

    @classmethod
    def of(cls, archive: bytes | None, metric: str) -> BootstrapDraws | None:
        """Take those of one metric from the bytes of a ``bootstrap.npz``; None where it has none."""
        if archive is None:
            return None
        with np.load(io.BytesIO(archive), allow_pickle=False) as arrays:
            if metric not in arrays:
                return None
            return cls(arrays[metric].astype(_STORED), int(arrays["clusters"]))

    @classmethod
    def unpacked(cls, draws: bytes, clusters: int) -> BootstrapDraws:
        """Read back what ``packed`` wrote."""
        return cls(np.frombuffer(draws, _STORED), clusters)

    def packed(self) -> bytes:
        """The draws alone, little-endian float32."""
        return self.draws.astype(_STORED).tobytes()
