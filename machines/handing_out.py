"""Items of one piece of work handed out to machines, whose results are put back in order."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_SHARE_S, _LEAST_S = 20.0, 5.0
"""A share is work for about so long at most and at least, for all cores of a machine."""
_LOOK_S = 1.0


class HandOut:
    """Which items wait, and what came of the others; several threads may use it at once.

    ``pace_s`` is how long one item takes; ``machines`` threads take shares of the items, and call ``leave``.
    """

    def __init__(self, items: Sequence[Any], pace_s: float, machines: int) -> None:
        self._items, self._pace_s = items, pace_s
        self._there = self._at_work = machines
        self._waiting = list(range(len(items)))
        self._lost: set[int] = set()
        self._for_here: set[int] = set()
        self._values: dict[int, bytes] = {}
        self._over = False
        self._changed = threading.Condition()

    def take(self, cores: int) -> list[int]:
        """Wait for a share of the items, for a machine of so many cores; empty when the work is over."""
        with self._changed:
            while not (self._waiting or self._over):
                self._changed.wait()
            return [] if self._over else self._share(cores)

    def put(self, numbers: Iterable[int], values: Iterable[bytes]) -> None:
        """Keep the values of some items."""
        with self._changed:
            self._values.update(zip(numbers, values, strict=True))
            self._changed.notify_all()

    def give_back(self, numbers: Iterable[int], *, lost: bool = False) -> None:
        """Let others do these items; those that were ``lost`` twice are done here."""
        with self._changed:
            given = set(numbers)
            if lost:
                self._for_here |= given & self._lost
                self._lost |= given
            self._waiting = sorted({*self._waiting, *given} - self._for_here)
            self._changed.notify_all()

    def do_here(self, number: int) -> None:
        """Let this process do an item that another machine could not do."""
        with self._changed:
            self._for_here.add(number)
            self._changed.notify_all()

    @contextmanager
    def stepping_aside(self) -> Iterator[None]:
        """Do not count on the machine for the block: it is busy with something else."""
        self._count(at_work=-1)
        try:
            yield
        finally:
            self._count(at_work=1)

    def leave(self) -> None:
        """Do not count on the machine any more."""
        self._count(at_work=-1, there=-1)

    def end(self) -> None:
        """Hand out no more."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def in_order(self, here: Callable[[Sequence[Any]], Iterator[bytes]]) -> Iterator[bytes]:
        """Yield the value of every item; ``here`` does in this process what no machine does."""
        for number in range(len(self._items)):
            while (value := self._value(number)) is None:
                share = self._share_for_here(number)
                for own, made in zip(share, here([self._items[own] for own in share]), strict=True):
                    self.put([own], [made])
            yield value

    def _value(self, number: int) -> bytes | None:
        with self._changed:
            return self._values.pop(number, None)

    def _share_for_here(self, number: int) -> list[int]:
        """Wait until there is something to do here, or a value of this item; return what to do."""
        with self._changed:
            while number not in self._values:
                if number in self._for_here:
                    return [number]
                if not self._at_work and self._waiting:
                    return self._share(len(os.sched_getaffinity(0)))
                self._changed.wait(_LOOK_S)
        return []

    def _share(self, cores: int) -> list[int]:
        """Take from what waits: half of what each machine would get, so that all end together."""
        fair = math.ceil(len(self._waiting) / (2 * self._there)) if self._there else len(self._waiting)
        a_second = cores / self._pace_s
        most = math.ceil(_SHARE_S * a_second) if self._there else len(self._waiting)
        count = min(most, max(fair, math.ceil(_LEAST_S * a_second)))
        taken, self._waiting = self._waiting[:count], self._waiting[count:]
        return taken

    def _count(self, at_work: int, there: int = 0) -> None:
        with self._changed:
            self._at_work += at_work
            self._there += there
            self._changed.notify_all()
