"""The kernel's account of a control group's memory: a peak that can be begun anew, and its file cache."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_LONGEST = 1 << 14
_KINDS: Mapping[str, tuple[str, tuple[str, str]]] = {
    "unified": ("memory.peak", ("file", "shmem")),
    "memory": ("memory.max_usage_in_bytes", ("total_cache", "total_shmem")),
}
"""In each hierarchy, the file of the peak, and what counts file cache and memory files in ``memory.stat``."""


class MemoryAccount:
    """One group's memory in bytes, from files that stay open: opening them costs more than reading them.

    In version 2 a peak can be begun anew since Linux 6.12; it holds for the descriptor that wrote to it.
    """

    def __init__(self, peak: Path, stat: Path, fields: tuple[str, str]) -> None:
        self._peak = os.open(peak, os.O_RDWR | os.O_CLOEXEC)
        self._stat = os.open(stat, os.O_RDONLY | os.O_CLOEXEC)
        self._fields = fields

    def peak(self) -> int:
        """Return the most memory in use since ``restart``, with file cache."""
        return int(os.pread(self._peak, _LONGEST, 0))

    def restart(self) -> bool:
        """Begin a new peak. Returns whether the kernel can."""
        try:
            os.pwrite(self._peak, b"0", 0)
        except OSError:
            return False
        return True

    def file_cache(self) -> int:
        """Return the bytes of cached files that the kernel can drop: all but those in memory file systems."""
        lines = os.pread(self._stat, _LONGEST, 0).decode().splitlines()
        counts = dict(line.split(maxsplit=1) for line in lines)
        cache, in_memory = (int(counts.get(field, 0)) for field in self._fields)
        return cache - in_memory

    def close(self) -> None:
        """Close the files."""
        os.close(self._peak)
        os.close(self._stat)


def account(folders: Mapping[str, Path]) -> MemoryAccount | None:
    """Open the account of a group (see ``cgroup.Group.folders``); None where no peak can be begun anew."""
    for name, (peak, fields) in _KINDS.items():
        if name not in folders:
            continue
        try:
            opened = MemoryAccount(folders[name] / peak, folders[name] / "memory.stat", fields)
        except OSError:
            continue
        if opened.restart():
            return opened
        opened.close()
    return None
