"""Words and progress for the person at the terminal, on standard error."""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.spec import Progress


_NOT_USABLE = {
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EISDIR,
    errno.EEXIST,
    errno.ENOENT,
}


def complain(message: str) -> None:
    """Say something beside the command's own output."""
    print(message, file=sys.stderr)


def environment_fault(error: OSError) -> str | None:
    """Say what the user can do about a file or disk that cannot be used; None for any other error."""
    where = error.filename or "a file"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"the disk is full ({where}); make room and run again. Records that are whole are kept."
    if error.errno in _NOT_USABLE and error.filename:
        return f"{where}: {error.strerror}; mend it, or name another home with PHOTOFINISH_HOME"
    return None


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Progress bars on standard error, one a subject, gone when done."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from leaderboards.boards.names import plain

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

        try:
            yield report
        except KeyboardInterrupt:
            complain("photofinish: interrupted; nothing half-written was kept")
            raise
