"""Take out of the times what others did to the copies of queries.

The copy into shared memory is the harness's own work, and it reads and writes memory that others share: for
a frame of 2.8 MB it took 0.15 ms in one minute and up to 0.85 ms in the next, beside models of 2.4 and 9 ms.
Such milliseconds hit a fast model harder than a slow one, so no ratio is rid of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import fmean
from typing import NamedTuple

import numpy as np

from harness.measurement.process_pair import ProcessPair, Split
from harness.record import Timing
from harness.stats import Line, undisturbed_line
from harness.stats.slopes import UNDISTURBED

_MOST_POINTS = 1000


def even_out(process_pairs: Sequence[ProcessPair]) -> None:
    """Rewrite the times of all requests as if others had left the copies of their queries alone.

    The reference is charged the line, over the bytes of a query, below which a tenth of its own copies of
    the run lie. The submission is charged what its copies took, less what those of the reference in the same
    block took above that line (mean): a submission that slows the harness down, to read a query before
    its time begins, pays for it.
    """
    line = _undisturbed(process_pairs)
    for pair in process_pairs:
        evened: list[Timing] = []
        for _, block in groupby(_requests(pair), lambda request: request.timing.block):
            evened += _evened(list(block), line)
        pair.timings[: len(evened)] = evened


class _Request(NamedTuple):
    """One timed request, the bytes of its query, and how the times of both sides divide."""

    timing: Timing
    sent: int
    submission: Split
    reference: Split


def _requests(pair: ProcessPair) -> Iterator[_Request]:
    splits = pair.splits
    parts = zip(pair.timings, splits.sent, splits.submission, splits.reference, strict=False)
    return (_Request(*request) for request in parts)


def _evened(block: Sequence[_Request], line: Line) -> list[Timing]:
    least = [max(0.0, line.intercept + line.slope * request.sent) for request in block]
    excess = fmean(request.reference[0] for request in block) - fmean(least)
    return [
        replace(
            request.timing,
            submission_ns=round(max(0.0, request.submission[0] - excess)) + sum(request.submission[1:]),
            reference_ns=round(own) + sum(request.reference[1:]),
        )
        for request, own in zip(block, least, strict=True)
    ]


def _undisturbed(process_pairs: Sequence[ProcessPair]) -> Line:
    points = np.array(
        [(request.sent, request.reference[0]) for pair in process_pairs for request in _requests(pair)],
        np.float64,
    ).reshape(-1, 2)
    if not len(points):
        return Line(0.0, 0.0)
    sent, taken = points[:: -(-len(points) // _MOST_POINTS)].T
    return undisturbed_line(sent, taken) or Line(float(np.quantile(taken, UNDISTURBED)), 0.0)
