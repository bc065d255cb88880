"""Let one process at a time make an environment; the others wait and then find it there."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from harness.spec import Progress


@contextlib.contextmanager
def turn(lock: Path, waiting_for: str, progress: Progress) -> Iterator[None]:
    """Hold a lock, and remove its file afterwards; the kernel frees it however this process ends."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _held(lock, f"waiting for another process that makes the {waiting_for}", progress)
    try:
        yield
    finally:
        lock.unlink(missing_ok=True)
        os.close(descriptor)


def _held(lock: Path, waiting: str, progress: Progress) -> int:
    """Return the locked file; one that its holder removed meanwhile is opened anew."""
    while True:
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(waiting, 0, 0)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)
