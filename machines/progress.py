"""How far an evaluation is, told by the process that evaluates to the one that answers for its machine."""

from __future__ import annotations

import json
import time
from pathlib import Path

from harness.files import write_whole
from harness.spec import Progress

_EVERY_S = 1.0
Step = tuple[str, int, int]
"""What is done, how much of it, and of how much; 0 where that is not known."""


def noting(file: Path) -> Progress:
    """Return a listener that keeps the latest step in a file."""
    written = 0.0

    def note(what: str, done: int, total: int) -> None:
        nonlocal written
        if time.monotonic() - written >= _EVERY_S:
            written = time.monotonic()
            write_whole(file, json.dumps([what, done, total]).encode())

    return note


def noted(file: Path) -> Step | None:
    """Return the latest step; None where none was noted."""
    try:
        what, done, total = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None
    return str(what), int(done), int(total)


def in_words(step: Step) -> str:
    """Write a step as words: ``mine: 3 of 8``."""
    what, done, total = step
    return f"{what}: {done:,} of {total:,}" if total else what
