"""What an evaluation prints, in a file that others read while it grows: bounded, for the host alone."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 1_000_000
"""How much one file holds; what is printed after that is left out, and the file says so."""
TAIL_BYTES = 64 * 1024
_CUT = b"\n--- more was printed; it is not kept here\n"


class LiveLog:
    """Appends to a file, whose user alone may read it; without a file nothing is kept.

    A file that cannot be written costs the log, never the evaluation.
    """

    def __init__(self, file: Path | None = None, most: int = MOST_BYTES) -> None:
        self._file, self._most = file, most

    def say(self, line: str) -> None:
        """Add a line of the harness's own."""
        self.add(f"--- {line}\n".encode())

    def add(self, data: bytes) -> None:
        """Add what was printed, or what there is room for."""
        if self._file is None or not data:
            return
        with suppress(OSError):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                room = self._most - os.fstat(file).st_size
                if room >= 0:  # it is longer once it was cut
                    os.write(file, data if len(data) <= room else data[:room] + _CUT)
            finally:
                os.close(file)


@dataclass(frozen=True)
class Tail:
    """The end of a file that grows, and how long the file is."""

    size: int
    data: bytes

    def after(self, seen: int) -> bytes:
        """Return what comes after the first ``seen`` bytes; where some of it is not here, that is said."""
        new = self.size - seen
        if new <= len(self.data):
            return self.data[len(self.data) - new :] if new > 0 else b""
        return b"\n--- %d bytes are not shown here\n" % (new - len(self.data)) + self.data


def tail_of(file: Path, most: int = TAIL_BYTES) -> Tail:
    """Return the end of a file; it is empty where there is no file."""
    try:
        with file.open("rb") as read:
            size = os.fstat(read.fileno()).st_size
            read.seek(max(size - most, 0))
            return Tail(size, read.read(min(size, most)))
    except OSError:
        return Tail(0, b"")
