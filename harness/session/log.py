"""What a submission prints: read through a pipe while it runs, capped, and made safe to show."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeAlias

LOG_BYTES = 256 * 1024
PIPE_BYTES = 64 * 1024
READS = 16
LogCallback: TypeAlias = Callable[[bytes], None]
"""Called with the log, piece by piece, as it is printed."""


class Log:
    """One sandbox's output: ``fd`` is the end that is read, ``child_fd`` the child's; -1 once closed."""

    def __init__(self, on_log: LogCallback | None = None) -> None:
        self.fd, self.child_fd = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(self.child_fd, True)
        self._kept = bytearray()
        self._heard = on_log

    def forget_child_end(self) -> None:
        """Close our copy of the child's end once it has its own."""
        if self.child_fd >= 0:
            os.close(self.child_fd)
            self.child_fd = -1

    def drain(self) -> bool:
        """Take what was printed since last time. False once nobody is left who could print.

        Not more than a few pipes full: who prints without end must not keep the deadline from being seen.
        """
        for _ in range(READS):
            try:
                data = os.read(self.fd, PIPE_BYTES)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._kept += data[: max(0, LOG_BYTES - len(self._kept))]
            if self._heard:
                self._heard(data)
        return True

    def text(self) -> str:
        """Everything so far, the first LOG_BYTES of it."""
        if self.fd >= 0:
            self.drain()
        return self._kept.decode("utf-8", "replace")

    def close(self) -> None:
        """Take the last words and close both ends. Idempotent."""
        self.forget_child_end()
        if self.fd >= 0:
            self.drain()
            os.close(self.fd)
            self.fd = -1


def printable(text: str, most: int = 300) -> str:
    """A contestant's words made safe to show: one line, no control characters, capped."""
    clean = "".join(char if char.isprintable() else " " for char in text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"
