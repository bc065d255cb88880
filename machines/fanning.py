"""Trusted work over processes: a function of each item, with the results in the order of the items."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_WORTH_S = 5.0
"""How much work must be left, by the pace so far, for new processes to be worth their start."""


def fanned(
    function: Callable[[Item], Result], items: Sequence[Item], processes: int | None = None
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item in order; the function and the items can be pickled.

    The work begins here. What is left goes to one process a core, or to so many ``processes``, where it
    takes longer than they take to start. The results are the same either way.
    """
    count = processes or len(os.sched_getaffinity(0))
    began = time.monotonic()
    for number, item in enumerate(items):
        pace = (time.monotonic() - began) / max(number, 1)
        if count > 1 and number and pace * (len(items) - number) > _WORTH_S:
            yield from _by_processes(function, items[number:], count)
            return
        yield function(item)


def _by_processes(function: Callable[[Item], Result], items: Sequence[Item], count: int) -> Iterator[Result]:
    # Spawned, because a process of several threads cannot be forked safely.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(count, len(items)), context) as pool:
        yield from pool.map(function, items, chunksize=max(1, len(items) // (8 * count)))
