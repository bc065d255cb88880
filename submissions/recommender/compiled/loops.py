"""The loops over ids in C: compiling begins when this file is imported and goes on beside other imports."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from c_library import addresses, call, compiling

WIDTH = 8
"""Of an embedding: the compiled loops have it built in."""
EPSILON = np.float32(1e-14)
FLAGS = ("-O3", "-march=native", "-fno-math-errno")
LIBRARY = compiling(Path(__file__).with_name("loops.c"), None, FLAGS)


class Table(NamedTuple):
    """What is learnt of all ids, rows of an embedding and Adagrad's sums and the same of wide weights.

    Then of each category: ids a row, how many ids a row lie before, and its first row in the table.
    """

    deep: np.ndarray
    wide: np.ndarray
    widths: np.ndarray
    slots: np.ndarray
    starts: np.ndarray


class Copy(NamedTuple):
    """A batch's rows of the table; a category's begin at its first occurrence, so that there is room for all.

    ``found`` has the place of each occurrence, ``used`` the row of the table at each place, ``counts`` the
    places of each category.
    """

    found: np.ndarray
    used: np.ndarray
    counts: np.ndarray
    deep: np.ndarray
    deep_squares: np.ndarray
    deep_slopes: np.ndarray
    wide: np.ndarray
    wide_squares: np.ndarray
    wide_slopes: np.ndarray


class Loops:
    """The compiled loops over one table and one batch's copy of its rows."""

    def __init__(self, table):
        self.library, self.table, self._table = LIBRARY(), table, addresses(table)
        self.copy = self._copy = None

    def use(self, copy):
        """Take another copy, with room for more rows."""
        self.copy, self._copy = copy, addresses(copy)

    def collect(self, ids, rows, places, share):
        """Copy the rows of the ids that occur in a share of the categories."""
        call(self.library.collect, self._table, self._copy, ids, rows, places, *share)

    def gather(self, inputs, logits, first, last):
        """Write embeddings, pooled by category, and sums of wide weights, of the rows first to last."""
        batch = len(self.table.widths), inputs, inputs.shape[1], logits, len(inputs)
        call(self.library.gather, self._table, self._copy, *batch, first, last)

    def learn(self, down, error, rate, share):
        """Sum the gradients of each id of a share of the categories; Adagrad changes those that occur."""
        batch = down, down.shape[1], error, rate, len(error)
        call(self.library.learn, self._table, self._copy, *batch, *share)
