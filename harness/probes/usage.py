"""CPU time, memory, threads and switches of a process tree now, from /proc (proc(5)).

Peaks of memory are read by ``sandbox/memory.py``.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_MB = 1_000_000


@dataclass(frozen=True)
class Usage:
    """What a process tree has used so far.

    Processes that have ended count only in ``cpu_s``, and there only where their parent has waited for them.
    """

    cpu_s: float
    memory_mb: float
    threads: int
    voluntary_switches: int
    involuntary_switches: int


def usage(pids: Iterable[int]) -> Usage:
    """Read a tree's usage now."""
    ticks = resident = threads = voluntary = involuntary = 0
    for pid in pids:
        status = _status(pid)
        if not status:
            continue
        ticks += cpu_ticks(pid)
        resident += int(status.get("VmRSS", "0 kB").split()[0])
        threads += int(status.get("Threads", "0"))
        voluntary += int(status.get("voluntary_ctxt_switches", "0"))
        involuntary += int(status.get("nonvoluntary_ctxt_switches", "0"))
    return Usage(ticks / _TICKS, resident * 1024 / _MB, threads, voluntary, involuntary)


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU seconds of the tree so far, in steps of the kernel's tick (10 ms)."""
    return sum(cpu_ticks(pid) for pid in pids) / _TICKS


def cpu_ns(pids: Iterable[int]) -> int:
    """CPU nanoseconds of the living processes so far, threads that have ended included.

    Read from each process's CPU clock, which is exact where ``cpu_seconds`` counts ticks of 10 ms.
    """
    return sum(_cpu_clock_ns(pid) for pid in pids)


def _cpu_clock_ns(pid: int) -> int:
    """The clock's number is what clock_getcpuclockid(3) computes: ~pid << 3, and 2 for CPU time."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:
        return 0


def resident_mb(pids: Iterable[int]) -> float:
    """Resident memory of the processes now, in 10**6 bytes."""
    return sum(_resident_pages(pid) for pid in pids) * _PAGE / _MB


def _resident_pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0


def cpu_ticks(pid: int) -> int:
    """User and system time of one process and its waited-for children, in clock ticks; 0 if gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])


def _status(pid: int) -> dict[str, str]:
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return {}
    return {key: value.strip() for key, _, value in (line.partition(":") for line in text.splitlines())}
