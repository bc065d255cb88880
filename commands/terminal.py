"""Words and progress for the person at the terminal, on standard error."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from leaderboards.boards.names import plain

if TYPE_CHECKING:
    from harness.spec import Progress


EVERY_S = 10.0
"""How often a log is told of progress."""
_NOT_USABLE = {
    *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOENT),
    *(errno.ELOOP, errno.ENAMETOOLONG, errno.ENXIO, errno.EIO, errno.ENODEV, errno.ESTALE),
}


def complain(message: str) -> None:
    """Say something beside the command's own output."""
    print(message, file=sys.stderr)


def environment_fault(error: OSError) -> str | None:
    """Say what the user can do about a file or disk that cannot be used; None for any other error."""
    where = error.filename or "a file"
    if error.errno == errno.ENOENT and not error.filename:
        return _missing_folder(error)
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return "too many files are open; raise the limit with 'ulimit -n'"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"the disk is full ({where}); make room and run again. Records that are whole are kept."
    if error.errno in _NOT_USABLE and error.filename:
        return f"{where}: {error.strerror}; mend it, or name another home with PHOTOFINISH_HOME"
    return None


def _missing_folder(error: OSError) -> str:
    """Say which folder is missing that the system itself did not name."""
    if "temporary" in str(error.strerror):
        return f"{error.strerror}; make room in one of them, or name another folder with TMPDIR"
    return "the current folder was removed; change into another one and run again"


class _Lines:
    """Progress where no terminal shows bars: a line on standard error, at most every ``EVERY_S`` seconds."""

    def __init__(self) -> None:
        self._last = perf_counter()
        self._began: dict[str, tuple[float, int]] = {}

    def report(self, what: str, done: int, total: int) -> None:
        """Say what is under way and how long it takes yet, unless something was said a moment ago."""
        now = perf_counter()
        began, before = self._began.setdefault(what, (now, done))
        if now - self._last < EVERY_S:
            return
        self._last, text = now, plain(what, 80)
        if total:
            text += f": {done:,} of {total:,}"
        if before < done < total:
            left_s = (now - began) / (done - before) * (total - done)
            text += f", {left_s:.0f} s left" if left_s < 100 else f", {left_s / 60:.0f} min left"
        complain(text)


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Progress bars on standard error, one a subject, gone when done; lines where no terminal shows them."""
    try:
        with _shown() as report:
            yield report
    except KeyboardInterrupt:
        complain("photofinish: interrupted; nothing half-written was kept")
        raise


@contextmanager
def _shown() -> Iterator[Progress]:
    if not sys.stderr.isatty():
        yield _Lines().report
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        shown: dict[str, object] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in shown:
                shown[what] = bars.add_task(plain(what, 80), total=total or None)
            bars.update(shown[what], completed=done, total=total or None)  # type: ignore[arg-type]

        yield report
