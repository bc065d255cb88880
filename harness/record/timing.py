"""The times of one request, as an evaluation keeps them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """One timed request: which process and block, its first query, how many queries, and both times.

    ``submission_ns`` and ``reference_ns`` are nanoseconds of wall time for the whole request.
    """

    process: int
    block: int
    query: int
    count: int
    submission_ns: int
    reference_ns: int
