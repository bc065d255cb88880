"""What other processes, and other virtual machines, used of our cores while something was timed.

Their time is what /proc/stat counts as busy on the cores that we may use, less what our own processes used;
the kernel counts both in ticks of 10 ms, so that stretches under a tenth of a second say little.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from harness.probes.usage import cpu_seconds

_STAT = Path("/proc/stat")
_TICKS = os.sysconf("SC_CLK_TCK")
_BUSY = (0, 1, 2, 5, 6)
"""User, nice, system, irq and softirq time, in the order of /proc/stat."""
_STOLEN = 7
_ALLOWED_CORES = 0.10
_ALLOWED_S = 0.04
_LOOK_S, _LOOK_ALLOWED_S = 0.05, 0.025
_SPARE_USED = 0.5
"""Of cores that no submission is given, others may use this share."""


@dataclass(frozen=True)
class Others:
    """In ``seconds`` of wall time: CPU seconds of other processes, and those denied to this machine."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    stolen_s: float = 0.0

    def __add__(self, other: Others) -> Others:
        """Put two stretches together."""
        return Others(self.seconds + other.seconds, self.cpu_s + other.cpu_s, self.stolen_s + other.stolen_s)

    @property
    def cores(self) -> float:
        """How many cores they kept from us in the mean."""
        return (self.cpu_s + self.stolen_s) / self.seconds if self.seconds else 0.0

    def disturb(self, spare_cores: int = 0) -> bool:
        """Whether they used more than a tenth of a core, or half of the cores that we leave idle."""
        allowed = max(_ALLOWED_CORES, _SPARE_USED * spare_cores)
        return self.cpu_s + self.stolen_s > allowed * self.seconds + _ALLOWED_S


@dataclass(frozen=True)
class _Reading:
    wall_s: float
    busy_s: float
    stolen_s: float
    own_s: float


class Neighbours:
    """Reads what others used since the last time; ``tree`` gives the processes of the measured sessions."""

    def __init__(self, tree: Callable[[], Iterable[int]], stat: Path = _STAT) -> None:
        self._tree = tree
        self._stat = stat
        self._last = self._read()

    def since(self) -> Others:
        """Return what others used since the last call, or since this object was made."""
        last, now = self._last, self._read()
        self._last = now
        busy_s, own_s = now.busy_s - last.busy_s, now.own_s - last.own_s
        return Others(now.wall_s - last.wall_s, max(0.0, busy_s - own_s), now.stolen_s - last.stolen_s)

    def wait(self, most_s: float) -> float:
        """Wait until nobody else uses the machine, at most ``most_s`` seconds; return how long it took."""
        started = time.monotonic()
        self.since()
        while time.monotonic() - started < most_s:
            time.sleep(_LOOK_S)
            seen = self.since()
            if seen.cpu_s + seen.stolen_s < _LOOK_ALLOWED_S:
                break
        return time.monotonic() - started

    def _read(self) -> _Reading:
        busy, stolen = _ticks(self._stat)
        own_s = time.process_time() + cpu_seconds(self._tree())
        return _Reading(time.monotonic(), busy / _TICKS, stolen / _TICKS, own_s)


def _ticks(stat: Path) -> tuple[int, int]:
    """Busy and stolen ticks of the cores that we may use."""
    cores = {f"cpu{number}" for number in os.sched_getaffinity(0)}
    busy = stolen = 0
    for line in stat.read_text().splitlines():
        name, *fields = line.split()
        if name in cores:
            busy += sum(int(fields[place]) for place in _BUSY)
            stolen += int(fields[_STOLEN])
    return busy, stolen
