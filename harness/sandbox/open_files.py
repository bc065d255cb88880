"""Memory that lies in what processes hold open: memory files, deleted files of a tmpfs, pipes, sockets."""

# ruff: noqa: PTH115, PTH116, PTH208 - descriptors are looked at a hundred times a second
from __future__ import annotations

import fcntl
import os
import stat
import struct
import termios
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_BLOCK = 512
_SOCKET = 212_992
"""What the buffer of a UNIX socket can hold (net.core.wmem_default); how full one is cannot be read."""


class MemoryFiles:
    """Adds up what lies in memory beside the processes' own pages.

    Of regular files those count that lie on a tmpfs: in ``workdir`` where that is one, memory files, and
    deleted ones. ``ours`` are inodes of the harness that the processes inherit.
    """

    def __init__(self, workdir: Path, ours: frozenset[int]) -> None:
        self._workdir = workdir if _is_tmpfs(workdir.stat().st_dev) else None
        self._ours = ours
        self._known: dict[int, bool] = {}

    def size(self, pids: Iterable[int]) -> int:
        """Return the bytes that these processes hold now; what several hold counts once."""
        held: dict[tuple[int, int], int] = {}
        for pid in pids:
            held.update(self._held(f"/proc/{pid}/fd"))
        return sum(held.values()) + self._in_workdir()

    def _held(self, folder: str) -> Iterator[tuple[tuple[int, int], int]]:
        try:
            names = os.listdir(folder)
        except OSError:
            return
        for name in names:
            with suppress(OSError):
                status = os.stat(f"{folder}/{name}")
                if status.st_ino in self._ours:
                    continue
                yield (status.st_dev, status.st_ino), self._bytes(f"{folder}/{name}", status)

    def _bytes(self, path: str, status: os.stat_result) -> int:
        if stat.S_ISFIFO(status.st_mode):
            return _waiting(path)
        if stat.S_ISSOCK(status.st_mode):
            return _SOCKET
        if not stat.S_ISREG(status.st_mode) or status.st_nlink:
            return 0  # a file with a name is counted where it lies
        if status.st_dev not in self._known:
            self._known[status.st_dev] = _is_tmpfs(status.st_dev) or os.readlink(path).startswith("/memfd:")
        return status.st_blocks * _BLOCK if self._known[status.st_dev] else 0

    def _in_workdir(self) -> int:
        if self._workdir is None:
            return 0
        total = 0
        for folder, _, names in os.walk(self._workdir):
            for name in names:
                with suppress(OSError):
                    total += os.lstat(f"{folder}/{name}").st_blocks * _BLOCK
        return total


def _waiting(path: str) -> int:
    """Return the bytes that wait in a pipe."""
    pipe = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return int(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0])
    finally:
        os.close(pipe)


def _is_tmpfs(device: int) -> bool:
    """Whether a device number is that of a tmpfs mounted here."""
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2] == wanted:
            return after.split()[0] in {"tmpfs", "ramfs"}
    return False
