"""Words and progress for the person at the terminal, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harness.spec import Progress


def complain(message: str) -> None:
    """Say something beside the command's own output."""
    print(message, file=sys.stderr)


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Progress bars on standard error, one a subject, gone when done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from leaderboards.boards.names import plain

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
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
