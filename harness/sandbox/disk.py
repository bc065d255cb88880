"""How much disk a sandbox takes: its folder, and deleted files that it holds open."""

# ruff: noqa: PTH101, PTH104, PTH106, PTH108, PTH116, PTH208 - thousands of files are looked at ten times a second
from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

_BLOCK = 512
_PER_FILE = 4096  # a file's own entry: a million empty files are not free


class DiskMeter:
    """Measures one folder, seldom enough to cost at most a twentieth of the time."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._next = 0.0

    def exceeds(self, cap: int, pids: Iterable[int]) -> bool:
        """Whether more than ``cap`` bytes are taken; it measures at most every 0.1 s, else returns False.

        Folders that are closed to us, by modes or by depth, count as more than the cap.
        """
        started = time.monotonic()
        if started < self._next:
            return False
        try:
            beyond = self._exceeds(cap, pids)
        except FileNotFoundError:
            beyond = False  # a file vanished while it was measured
        except OSError:
            beyond = True
        ended = time.monotonic()
        self._next = ended + max(0.1, 20 * (ended - started))
        return beyond

    def _exceeds(self, cap: int, pids: Iterable[int]) -> bool:
        device = os.stat(self._folder).st_dev
        sizes: dict[int, int] = {}  # by inode: a file with two names is one
        used = 0
        for source in (_below(self._folder), *(_deleted(pid, device) for pid in pids)):
            for inode, size in source:
                used += size - sizes.get(inode, 0)
                sizes[inode] = size
                if used > cap:
                    return True
        return False


def remove(folder: Path) -> None:
    """Remove a folder that a submission wrote, however deep and whatever its modes. Raises OSError.

    ``shutil.rmtree`` recurses: a thousand folders in each other, or a closed one, would end it.
    """
    folder.chmod(0o700)
    emptied = [str(folder)]
    for here in emptied:  # grows: every folder below is moved up to the top before its turn comes
        with os.scandir(here) as entries:
            for entry in list(entries):
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    emptied.append(f"{folder}/{secrets.token_hex(8)}")
                    os.rename(entry.path, emptied[-1])
                else:
                    os.unlink(entry.path)
    for here in reversed(emptied):
        os.rmdir(here)


def _below(top: str) -> Iterator[tuple[int, int]]:
    """``(inode, bytes on disk)`` of everything below a folder."""
    folders = [top]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue
                yield status.st_ino, status.st_blocks * _BLOCK + _PER_FILE
                if stat.S_ISDIR(status.st_mode):
                    folders.append(entry.path)


def _deleted(pid: int, device: int) -> Iterator[tuple[int, int]]:
    """The same for files without a name that a process holds open."""
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)
    except OSError:
        return
    for name in names:
        try:
            status = os.stat(f"{folder}/{name}")
        except OSError:
            continue
        if status.st_nlink == 0 and status.st_dev == device and stat.S_ISREG(status.st_mode):
            yield status.st_ino, status.st_blocks * _BLOCK
