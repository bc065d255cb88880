"""Canaries: ids that stand in exactly one row of the training data, spread evenly over all of it.

The rarest quarter of each one-hot vocabulary is kept for them, an eighth of that for ids that stand
nowhere. Nothing else sets a canary's row apart: its label is drawn like any other, and other rare ids
stand in one row by chance. A model that has learnt from the row scores its id higher (if it was clicked)
or lower (if not) than an id that nobody has seen; one that has not can only guess. Where a share s of
pairs comes out right, the rows learnt from are 2 s - 1 of all.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.spec import Array

UNSEEN_SHARE = 8


@dataclass(frozen=True)
class Canaries:
    """Which popularity ranks from ``first`` up to ``vocabulary`` of ``columns`` categories go into which

    of ``segments`` segments of ``size`` rows.
    """

    segments: int
    size: int
    columns: int
    vocabulary: int
    first: int
    seed: int

    @property
    def used(self) -> int:
        """Canaries a category; the ranks after them stand nowhere."""
        kept = self.vocabulary - self.first
        return kept - max(1, kept // UNSEEN_SHARE)

    @property
    def each(self) -> int:
        """Canaries a segment, at most one a row."""
        return min(self.size, self.columns * self.used // self.segments)

    @cached_property
    def _lots(self) -> Array:
        return np.random.default_rng([self.seed, 3]).permutation(self.columns * self.used)

    def of(self, number: int) -> tuple[Array, Array, Array]:
        """The segment's canaries: category, rank and row, each (n,)."""
        lots = self._lots[number * self.each : (number + 1) * self.each]
        rows = np.random.default_rng([self.seed, 4, number]).permutation(self.size)[: self.each]
        return lots // self.used, self.first + lots % self.used, rows

    def probed(self, number: int, most: int) -> tuple[Array, Array, Array]:
        """Those of the segment's that are asked about when ``most`` of all are, as ``of`` gives them."""
        column, rank, rows = self.of(number)
        share = slice(most * number // self.segments, most * (number + 1) // self.segments)
        count = min(share.stop - share.start, self.each)
        return column[:count], rank[:count], rows[:count]

    def unseen(self, count: int) -> Array:
        """Ranks (n,) that stand nowhere, by lot."""
        chance = np.random.default_rng([self.seed, 5])
        return chance.integers(self.first + self.used, self.vocabulary, count)
