"""The console that commands print tables to."""

from __future__ import annotations

import os
import sys

from rich.console import Console

_WHOLE = 1000


def console() -> Console:
    """Return a console for standard output, as wide as the terminal.

    Where no terminal shows it (a pipe, a file) nothing is folded, unless ``COLUMNS`` gives a width.
    """
    piped = not sys.stdout.isatty() and "COLUMNS" not in os.environ
    return Console(width=_WHOLE) if piped else Console()
