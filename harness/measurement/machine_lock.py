"""One timed run on a machine at a time: others wait, and see who holds the machine."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.spec import Progress

_EVERY_S = 0.25
_MOST_SHOWN = 120


def path() -> Path:
    """Return the file that is locked: one for all users of this machine, or ``PHOTOFINISH_LOCK``."""
    return Path(os.environ.get("PHOTOFINISH_LOCK") or "/tmp/photofinish.lock")


@contextmanager
def machine(holder: str, progress: Progress) -> Iterator[None]:
    """Hold the machine; ``holder`` is what those who wait are shown of us.

    A machine on which the file cannot be opened (another user's, say) is not locked: the readings of what
    others use still tell.
    """
    try:
        fd = os.open(path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            os.fchmod(fd, 0o666)
        _wait(fd, progress)
        os.truncate(fd, 0)
        os.pwrite(fd, f"{holder} (process {os.getpid()})".encode()[:_MOST_SHOWN], 0)
        yield
    finally:
        os.close(fd)  # which gives the lock back


def _wait(fd: int, progress: Progress) -> None:
    what = ""
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            shown = os.pread(fd, _MOST_SHOWN, 0).decode(errors="replace")
            name = "".join(char for char in shown if char.isprintable()) or "another run"
            what = f"waiting for the machine, held by {name}"
            progress(what, 0, 0)
            time.sleep(_EVERY_S)
        else:
            if what:
                progress(what, 1, 1)
            return
