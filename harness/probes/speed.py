"""How fast the cores are now: a fixed piece of the harness's own work, timed on the cores of a submission.

What slows a core from outside is in no counter of this machine: another virtual machine on the same physical
core, cache or memory, heat, a limit of power. It shows in work that is always the same.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from statistics import fmean

import numpy as np

SLOW = 1.15
"""A core is slow where the work takes so many times as long as at its fastest in this run."""
_FASTEST = 0.05
"""The share of the readings that is faster than what counts as the fastest."""
_LEAST_READINGS = 8
_MOST_CORES = 4
_LOOK_S = 0.05
_NUMBERS, _PASSES, _COPIED_BYTES, _TRIES = 30_000, 100, 8_000_000, 3
"""Passes over 120 KB, which the second level of caches holds, and a copy that it does not: 0.25 ms each."""


class Speed:
    """Reads the speed of ``cores`` (numbers of the kernel) again and again, and knows the fastest of a run.

    Nothing that a submission does takes part: all of them are frozen while the work is timed, and the best
    of three tries counts, the first of which fills the caches.
    """

    def __init__(self, cores: Sequence[int] = ()) -> None:
        self.readings: list[float] = []
        cores = cores or sorted(os.sched_getaffinity(0))
        self._cores = cores[:: max(1, -(-len(cores) // _MOST_CORES))]

    def read(self) -> float:
        """Time the work on each core; return the seconds of the best try, in the mean over the cores."""
        allowed = os.sched_getaffinity(0)
        try:
            reading = fmean(map(self._best_on, self._cores))
        finally:
            with suppress(OSError):  # where it is forbidden, it changed nothing before
                os.sched_setaffinity(0, allowed)
        self.readings.append(reading)
        return reading

    def wait(self, most_s: float) -> float:
        """Wait until the cores are fast, at most ``most_s`` seconds; return how long it took."""
        started = time.monotonic()
        while time.monotonic() - started < most_s and any(self.slow(self.read())):
            time.sleep(_LOOK_S)
        return time.monotonic() - started

    def slow(self, *readings: float) -> list[bool]:
        """Say of each reading whether the cores were slow; of none until enough was read to know."""
        known = len(self.readings) >= _LEAST_READINGS
        limit = SLOW * self.fastest if known else math.inf
        return [reading > limit for reading in readings]

    @property
    def fastest(self) -> float:
        """What the work takes when nothing slows it: less than that took one reading in twenty."""
        return float(np.quantile(self.readings, _FASTEST))

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return (
            np.ones(_NUMBERS, np.float32),
            np.ones(_COPIED_BYTES, np.uint8),
            np.ones(_COPIED_BYTES, np.uint8),
        )

    def _best_on(self, core: int) -> float:
        with suppress(OSError):  # a core that was taken from us meanwhile: read where we are
            os.sched_setaffinity(0, {core})
        return min(self._once() for _ in range(_TRIES))

    def _once(self) -> float:
        numbers, source, copy = self._arrays
        began = time.perf_counter()
        for _ in range(_PASSES):
            np.multiply(numbers, 1.0, out=numbers)
        np.copyto(copy, source)
        return time.perf_counter() - began
