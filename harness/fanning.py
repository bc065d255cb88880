"""Trusted work over processes: a function of each item, with the results in the order of the items."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
_WORTH_S = 5.0
"""How much work must be left, by the pace so far, for other processes or machines to be worth their start."""


class Fan(Protocol):
    """Yields ``function(item)`` for each item in order, wherever it is computed.

    The function and the items can be pickled; the results are bytes, the same ones wherever they are made.
    """

    def __call__(self, function: Callable[[Item], bytes], items: Sequence[Item]) -> Iterator[bytes]:
        """Yield the result for each item in order."""
        ...


@dataclass(frozen=True)
class Left(Generic[Item, Result]):
    """What is left of work that was begun: ``items``, of which one took ``pace_s`` seconds so far.

    ``sample`` is the first item with its result.
    """

    items: Sequence[Item]
    pace_s: float
    sample: tuple[Item, Result]


def fanned(
    function: Callable[[Item], Result], items: Sequence[Item], processes: int | None = None
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item in order; the function and the items can be pickled.

    The work begins here. What is left goes to one process a core, or to so many ``processes``, where it
    takes longer than they take to start. The results are the same either way.
    """
    count = processes or len(os.sched_getaffinity(0))
    if count == 1:
        return map(function, items)
    return begun_here(function, items, lambda left: by_processes(function, left.items, count))


def begun_here(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    elsewhere: Callable[[Left[Item, Result]], Iterator[Result]],
) -> Iterator[Result]:
    """Yield ``function(item)`` for each item in order; long work is handed on to ``elsewhere``.

    It begins in this process. How long an item takes is the mean of those after the first, which may read
    what the others need, too.
    """
    spent_s, sample = 0.0, None
    for number, item in enumerate(items):
        pace_s = spent_s / max(number - 1, 1)
        if sample and pace_s * (len(items) - number) > _WORTH_S:
            yield from elsewhere(Left(items[number:], pace_s, sample))
            return
        began = time.monotonic()
        result = function(item)
        spent_s += (time.monotonic() - began) if sample else 0
        sample = sample or (item, result)
        yield result


def by_processes(function: Callable[[Item], Result], items: Sequence[Item], count: int) -> Iterator[Result]:
    """Yield ``function(item)`` for each item in order, computed by ``count`` new processes.

    They end with the iterator, whatever ends it, and with this process.
    """
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Spawned, because a process of several threads cannot be forked safely.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(count, len(items)), context, initializer=_depend_on_parent)
    try:
        yield from pool.map(function, items, chunksize=max(1, len(items) // (8 * count)))
    except BaseException:
        for process in (pool._processes or {}).values():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _depend_on_parent() -> None:
    """Leave an interrupt to the parent, and end when it ends, also where it was killed."""
    import signal
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
