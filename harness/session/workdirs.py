"""The writable folders of submissions: each locked by the process that made it, swept once that is gone."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from harness.sandbox import disk
from harness.spec.errors import NotAvailable

PREFIX = "photofinish-work-"
_SETTLED_S = 60.0
"""A folder younger than this may be about to be locked."""
_LEAST_FREE = 20_000_000
"""With fewer bytes left on the disk, files that a submission may write cannot be written."""


class Workdir:
    """One writable folder, from now until ``remove``; the kernel frees its lock however this process ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX))
        self._lock = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(self._lock, fcntl.LOCK_SH)

    def size_mb(self) -> float:
        """Return the size of the files in it, in 10**6 bytes; a file that goes meanwhile counts nothing."""
        sizes = 0
        for folder, _, names in os.walk(self.path):
            for name in names:
                with suppress(OSError):
                    sizes += Path(folder, name).lstat().st_size
        return sizes / 1_000_000

    def remove(self) -> None:
        """Remove the folder, whatever the submission left in it; to be called once."""
        with suppress(OSError):
            disk.remove(self.path)
        os.close(self._lock)


def check_room() -> None:
    """Raise NotAvailable where their disk is full: what fails then is no fault of the submission.

    To be asked when the folder of the submission is gone, which it may have filled up to its cap.
    """
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < _LEAST_FREE:
        raise NotAvailable(
            f"the disk of {folder} has {free / 1e6:.0f} MB left, too little for the files of submissions; "
            "make room there, or name another folder with TMPDIR"
        )


def sweep() -> int:
    """Remove the folders whose process was killed, and return their number."""
    removed = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            status = folder.lstat()
            settled = time.time() - max(status.st_ctime, status.st_mtime) > _SETTLED_S
            if status.st_uid == os.getuid() and settled and not folder.is_symlink() and _unlocked(folder):
                disk.remove(folder)
                removed += 1
    return removed


def _unlocked(folder: Path) -> bool:
    """Whether no living process holds the folder's lock. Raises OSError where that cannot be seen."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True
