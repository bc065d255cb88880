"""Canaries: ids that occur in exactly one row of the training data, spread evenly over all of it.

The rarest quarter of each one-hot vocabulary is reserved for them, an eighth of that for ids that occur
nowhere. Nothing else distinguishes a canary's row: its label is drawn like any other, and other rare ids
also occur in one row by coincidence. A model that has learnt from the row scores its id higher (if it was
clicked) or lower (if not) than an id that occurs nowhere; a model that has not can only guess. If a share s
of the pairs is ordered correctly, the model has learnt from a share 2 s - 1 of the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from datasets.streams import stream

if TYPE_CHECKING:
    from harness.spec import Array

UNSEEN_SHARE = 8


@dataclass(frozen=True)
class Canaries:
    """Distribute rare ids over the segments of the training data.

    The popularity ranks from ``first`` up to ``vocabulary`` of each of the ``columns`` categories go into
    ``segments`` segments of ``size`` rows each.
    """

    segments: int
    size: int
    columns: int
    vocabulary: int
    first: int
    seed: int

    @property
    def used(self) -> int:
        """How many canaries a category has; the ranks after them occur nowhere."""
        kept = self.vocabulary - self.first
        return kept - max(1, kept // UNSEEN_SHARE)

    @property
    def each(self) -> int:
        """How many canaries a segment has, at most one per row."""
        return min(self.size, self.columns * self.used // self.segments)

    @cached_property
    def _order(self) -> Array:
        return np.random.default_rng(stream(self.seed, 3)).permutation(self.columns * self.used)

    def of(self, number: int) -> tuple[Array, Array, Array]:
        """Return category, rank and row of the canaries of a segment, each (n,)."""
        drawn = self._order[number * self.each : (number + 1) * self.each]
        rows = np.random.default_rng(stream(self.seed, 4, number)).permutation(self.size)[: self.each]
        return drawn // self.used, self.first + drawn % self.used, rows

    def probed(self, number: int, most: int) -> tuple[Array, Array, Array]:
        """Return the segment's share of ``most`` canaries to be asked about, in the form of ``of``."""
        column, rank, rows = self.of(number)
        share = slice(most * number // self.segments, most * (number + 1) // self.segments)
        count = min(share.stop - share.start, self.each)
        return column[:count], rank[:count], rows[:count]

    def unseen(self, count: int) -> Array:
        """Return ranks (n,) that occur nowhere, drawn at random."""
        rng = np.random.default_rng(stream(self.seed, 5))
        return rng.integers(self.first + self.used, self.vocabulary, count)
