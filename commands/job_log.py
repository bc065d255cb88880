"""The command that shows the log of a job while it runs."""

from __future__ import annotations

import codecs
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.home import check_home, home
from commands.terminal import complain
from harness.spec.errors import UserError

if TYPE_CHECKING:
    import sqlalchemy as sa

    from competitions.evaluation.attempts import Attempt
    from competitions.store.submissions import Submission

_EVERY_S = 0.5
_LOG = re.compile(r"(\d{1,18})-\d+\.log")


def log(
    of: Annotated[
        str, typer.Argument(metavar="NAME|SUBMISSION", help="enrolled machine, or a submission's number")
    ],
    follow: Annotated[bool, typer.Option(help="go on until it ends, or Ctrl-C")] = True,
) -> None:
    """Show what a submission prints, or what runs on a machine, until it ends: for the host alone.

    Example: photofinish machines log north
    """
    from competitions.store.database import open_database, reading
    from competitions.store.submissions import get

    check_home()
    number = int(of) if of.isdecimal() and len(of) < 19 else _running_on(of)
    engine = open_database(home())
    with reading(engine) as connection:
        submission = get(connection, number)
    try:
        for text in _followed(engine, submission, follow=follow):
            sys.stdout.write(text)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return
    finally:
        engine.dispose()


def _running_on(name: str) -> int:
    """Return the submission that runs on a machine. Raises UserError where none does."""
    from machines.enrolment import Enrolment
    from machines.sightings import Sightings

    keys = [key for key, machine in Enrolment(home()).all().items() if machine.name == name]
    if not keys:
        raise UserError(f"no machine '{name}' is enrolled; 'machines list' names those that are")
    seen = Sightings(home()).all().get(keys[0])
    found = _LOG.fullmatch(seen.log.name) if seen and seen.runs and seen.log else None
    if found is None:
        raise UserError(f"no submission runs on '{name}' now; name a submission by its number instead")
    return int(found[1])


def _followed(engine: sa.Engine, submission: Submission, *, follow: bool) -> Iterator[str]:
    """Yield the logs of all attempts, safe to show, and go on while one runs or waits."""
    from competitions.evaluation.attempts import attempts_at
    from competitions.store.database import reading
    from competitions.store.submissions import get

    shown = 0
    while True:
        attempts = attempts_at(engine, home(), submission.entered.competition, submission.id)
        for attempt in attempts[shown:]:
            complain(f"attempt {attempt.number}, worker {attempt.worker}")
            yield from _of_attempt(engine, submission, attempt, follow=follow)
            shown += 1
        with reading(engine) as connection:
            progress = get(connection, submission.id).progress
        if not follow or progress.state not in {"queued", "running"}:
            complain(f"submission {submission.id}: {progress.state}")
            return
        time.sleep(_EVERY_S)


def _of_attempt(
    engine: sa.Engine, submission: Submission, attempt: Attempt, *, follow: bool
) -> Iterator[str]:
    """Yield what is in the log of an attempt, and what is added until it has ended."""
    from competitions.evaluation.attempts import attempts_at

    decoder, at, stage = codecs.getincrementaldecoder("utf-8")("replace"), 0, ""
    while True:
        now = attempts_at(engine, home(), submission.entered.competition, submission.id)[attempt.number - 1]
        stage = _told_stage(engine, submission, stage) if not now.outcome else stage
        data = _after(attempt.log, at)
        at += len(data)
        yield _safe(decoder.decode(data, final=bool(now.outcome)))
        if now.outcome or not follow:
            complain(f"attempt {attempt.number}: {now.outcome or 'runs'}")
            return
        time.sleep(_EVERY_S)


def _told_stage(engine: sa.Engine, submission: Submission, before: str) -> str:
    """Say the stage and how far it is, where that changed."""
    from competitions.store.database import reading
    from competitions.store.submissions import get

    with reading(engine) as connection:
        stage = get(connection, submission.id).progress.stage
    if stage and stage != before:
        complain(stage)
    return stage


def _after(file: Path, at: int) -> bytes:
    try:
        with file.open("rb") as read:
            read.seek(at)
            return read.read()
    except OSError:
        return b""


def _safe(text: str) -> str:
    from harness.session.log import printable_lines

    return printable_lines(text)
