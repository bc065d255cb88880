"""How far an evaluation is, told by the process that evaluates to the one that answers for its machine."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from harness.files import write_whole
from harness.session.live_log import Tail, tail_of
from harness.spec import Progress

_EVERY_S = 1.0
Step = tuple[str, int, int]
"""What is done, how much of it, and of how much; 0 where that is not known."""
_FILE, _LOG = "progress.json", "live-"


def live_log(home: Path, nonce: bytes) -> Path:
    """Return the file with what the evaluation of one parcel prints on its machine."""
    return home / "machines" / f"{_LOG}{nonce.hex()}.log"


def progress_file(home: Path) -> Path:
    """Return the file with how far the evaluation on a machine is."""
    return home / "machines" / _FILE


@dataclass(frozen=True)
class Told:
    """What a machine tells at a beat: the latest step, if any, what is printed, and whether it began."""

    step: Step | None
    printed: Tail
    begun: bool = True


def told(home: Path, nonce: bytes) -> Told:
    """Tell how far the evaluation on this machine is, and what that of one parcel printed."""
    log = live_log(home, nonce)
    return Told(noted(progress_file(home)), tail_of(log), log.exists())


def new_live_log(home: Path, nonce: bytes) -> Path:
    """Make the file of a parcel that begins, and remove those of parcels before."""
    for before in (home / "machines").glob(f"{_LOG}*.log"):
        before.unlink(missing_ok=True)
    log = live_log(home, nonce)
    log.touch(mode=0o600)
    return log


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
