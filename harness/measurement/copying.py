"""Charge every request what copying its query takes when nothing disturbs it, in place of what it took.

The copy into shared memory is the harness's own work, and it reads and writes memory that others share: for
a frame of 2.8 MB it took 0.15 ms in one minute and up to 0.85 ms in the next, beside models of 2.4 and 9 ms.
Such milliseconds hit a fast model harder than a slow one, so no ratio is rid of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from harness.measurement.process_pair import ProcessPair, Split
from harness.record import Timing
from harness.stats import Line, undisturbed_line
from harness.stats.slopes import UNDISTURBED

if TYPE_CHECKING:
    from harness.spec import Arrays

_MOST_POINTS = 1000


def sent_bytes(xs: Sequence[Arrays]) -> int:
    """Return how many bytes the arrays of one request hold."""
    return sum(array.nbytes for x in xs for array in (x.values() if isinstance(x, Mapping) else [x]))


def even_out(process_pairs: Sequence[ProcessPair]) -> None:
    """Rewrite the times of all requests with a copy as quick as the quickest tenth of the run's.

    Both sides of all processes are charged by the same line over the bytes of a query.
    """
    line = _undisturbed(process_pairs)
    for pair in process_pairs:
        splits = zip(pair.splits.sent, pair.splits.submission, pair.splits.reference, strict=False)
        evened = [
            _evened(timing, round(max(0.0, line.intercept + line.slope * sent)), submission, reference)
            for timing, (sent, submission, reference) in zip(pair.timings, splits, strict=False)
        ]
        pair.timings[: len(evened)] = evened


def _undisturbed(process_pairs: Sequence[ProcessPair]) -> Line:
    points = np.array(
        [
            (sent, split[0])
            for pair in process_pairs
            for side in (pair.splits.submission, pair.splits.reference)
            for sent, split in zip(pair.splits.sent, side, strict=False)
        ],
        np.float64,
    ).reshape(-1, 2)
    if not len(points):
        return Line(0.0, 0.0)
    sent, taken = points[:: -(-len(points) // _MOST_POINTS)].T
    return undisturbed_line(sent, taken) or Line(float(np.quantile(taken, UNDISTURBED)), 0.0)


def _evened(timing: Timing, copying_ns: int, submission: Split, reference: Split) -> Timing:
    return replace(
        timing,
        submission_ns=copying_ns + submission[1] + submission[2],
        reference_ns=copying_ns + reference[1] + reference[2],
    )
