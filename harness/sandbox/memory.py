"""The peak of a sandbox's memory, phase by phase: by the kernel's account, or by looking every 10 ms.

A control group counts everything: short-lived children, files in memory file systems, buffers of pipes and
sockets. Its file cache, which the kernel drops when it wants, is left out. Without a group the process tree,
the memory file systems, and memory files and pipes that processes hold open are added up at each look.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from harness.sandbox import open_files, processes
from harness.sandbox.cgroup_memory import MemoryAccount


class MemoryMeter(Protocol):
    """Reads the memory of one sandbox."""

    def begin(self) -> None:
        """Begin a new phase."""

    def look(self, members: Sequence[int]) -> None:
        """Take a reading. Called every 10 ms while a request is under way."""

    def peak(self, members: Sequence[int]) -> int:
        """Return the peak of the phase so far in bytes."""


class GroupMeter:
    """Implements ``MemoryMeter`` by the account of a control group, whose peak is begun anew at each look.

    Between two looks the file cache may have grown or shrunk: the smaller of its two sizes is left out of the
    peak, so what is left is never less than what was in use.
    """

    def __init__(self, account: MemoryAccount) -> None:
        self._account = account
        self._cache = account.file_cache()
        self._peak = 0

    def begin(self) -> None:
        """Begin a new phase."""
        self._account.restart()
        self._cache = self._account.file_cache()
        self._peak = 0

    def look(self, _: Sequence[int]) -> None:
        """Take the peak since the last look, without file cache."""
        before, self._cache = self._cache, self._account.file_cache()
        self._peak = max(self._peak, self._account.peak() - min(before, self._cache))
        self._account.restart()

    def peak(self, members: Sequence[int]) -> int:
        """Return the peak of the phase so far in bytes."""
        self.look(members)
        return self._peak


class TreeMeter:
    """Implements ``MemoryMeter`` by looking at the process tree.

    ``in_files`` gives the bytes in the sandbox's own memory file systems. ``ours`` are the inodes of the
    harness's own memory files that the processes inherit. What a living process itself had at its peak
    (VmHWM) is exact; a process that ends between two looks is not seen.
    """

    def __init__(self, workdir: Path, in_files: Callable[[], int], ours: frozenset[int]) -> None:
        self._in_files = in_files
        self._files = open_files.MemoryFiles(workdir, ours)
        self._seen = 0

    def begin(self) -> None:
        """Begin a new phase."""
        self._seen = 0

    def look(self, members: Sequence[int]) -> None:
        """Add up what is in use now."""
        self._seen = max(self._seen, sum(map(processes.private_bytes, members)) + self.held(members))

    def peak(self, members: Sequence[int]) -> int:
        """Return the peak of the phase so far in bytes."""
        self.look(members)
        return max(self._seen, sum(map(processes.peak_bytes, members)) + self.held(members))

    def held(self, members: Sequence[int]) -> int:
        """Return the bytes in memory file systems, memory files and pipes."""
        return self._in_files() + self._files.size(members)


def bytes_in_own(root: Path, folders: Sequence[str]) -> int:
    """How full the file systems of folders inside are; 0 for those that are still the machine's own.

    The sandbox may mount another file system at the path meanwhile, so each folder is held open.
    """
    used = 0
    for name in folders:
        with suppress(OSError):
            folder = os.open(root / name, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                if os.fstat(folder).st_dev not in {Path("/", name).stat().st_dev, Path("/").stat().st_dev}:
                    status = os.fstatvfs(folder)
                    used += (status.f_blocks - status.f_bfree) * status.f_frsize
            finally:
                os.close(folder)
    return used
