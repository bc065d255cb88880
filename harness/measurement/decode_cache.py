"""Decode the data of queries once though they are asked again: in warm-ups, turns and audits."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter_ns
from typing import TYPE_CHECKING

from harness.spec import Query

if TYPE_CHECKING:
    from harness.spec import Arrays

MOST_BYTES = 256_000_000


class DecodeCache:
    """Keep the arrays decoded last, up to ``most_bytes``; ``ns`` counts the time spent on decoding."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self.ns = 0
        self._most = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[int, Arrays] = OrderedDict()

    def over(self, queries: Sequence[Query]) -> list[Query]:
        """Return the same queries, whose ``load`` looks here first."""
        return [
            replace(query, load=partial(self._load, index, query.load)) for index, query in enumerate(queries)
        ]

    def _load(self, index: int, load: Callable[[], Arrays]) -> Arrays:
        if index in self._kept:
            self._kept.move_to_end(index)
            return self._kept[index]
        started = perf_counter_ns()
        x = load()
        self.ns += perf_counter_ns() - started
        self._kept[index] = x
        self._bytes += _size(x)
        while self._bytes > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._bytes -= _size(oldest)
        return x


def _size(x: Arrays) -> int:
    return sum(array.nbytes for array in (x.values() if isinstance(x, Mapping) else (x,)))
