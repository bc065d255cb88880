"""The log of a submission: read through a pipe while it runs, capped, and made safe to show."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TypeAlias

LOG_BYTES = 256 * 1024
PIPE_BYTES = 64 * 1024
READS = 16
LogCallback: TypeAlias = Callable[[bytes], None]
"""Called with each piece of the log as it is printed, raw."""
_LINE_END = re.compile("\r\n|\r|\n")


class Log:
    """One sandbox's output: ``fd`` is the end that is read, ``child_fd`` the child's; -1 once closed."""

    def __init__(self, on_log: LogCallback | None = None) -> None:
        self.fd, self.child_fd = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(self.child_fd, True)
        self._kept = bytearray()
        self._on_log = on_log

    def forget_child_end(self) -> None:
        """Close our copy of the child's end once the child has its own."""
        if self.child_fd >= 0:
            os.close(self.child_fd)
            self.child_fd = -1

    def drain(self) -> bool:
        """Take what was printed since the last call. False once no process is left that could print.

        It reads at most READS times, so that endless output cannot hide a deadline.
        """
        for _ in range(READS):
            try:
                data = os.read(self.fd, PIPE_BYTES)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._kept += data[: max(0, LOG_BYTES - len(self._kept))]
            if self._on_log:
                self._on_log(data)
        return True

    def text(self) -> str:
        """Return the first LOG_BYTES that were printed so far, without control characters."""
        if self.fd >= 0:
            self.drain()
        return printable_lines(self._kept.decode("utf-8", "replace"))

    def close(self) -> None:
        """Read what is left and close both ends. Idempotent."""
        self.forget_child_end()
        if self.fd >= 0:
            self.drain()
            os.close(self.fd)
            self.fd = -1


def printable(text: str, most: int = 300) -> str:
    """Make a submission's text safe to show: one line, no control characters, at most ``most`` long."""
    clean = _clean(text)
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def printable_lines(text: str) -> str:
    """Make a log safe to show: line ends and tabs stay, other characters that do not print are spaces."""
    return "\n".join(_clean(line, "\t") for line in _LINE_END.split(text))


def _clean(text: str, kept: str = "") -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in kept else " " for char in text)
