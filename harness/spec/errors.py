"""Everything that can go wrong, told apart by whose fault it is.

    PhotofinishError
    ├── UserError                 the command, a path, the data, the machine's set-up   exit 2
    │   ├── UnknownName           no such task, submission, profile or record
    │   ├── BadData               a data folder or file is not what it should be
    │   │   └── UnreadableRecord  a record is damaged or of a newer schema
    │   └── NotAvailable          something this machine lacks: a device, credentials, a tool
    ├── SubmissionError           the contestant's fault; ends in a record               exit 2
    │   ├── InvalidSubmission     cannot be a submission, or gave an answer that is not one
    │   ├── SubmissionFailed      raised, or its process died
    │   ├── SubmissionTimeout     too late
    │   └── SubmissionOutOfMemory went beyond its memory cap
    └── HarnessError              our fault                                             exit 1

A message is for people: what was wrong, where, and what to do next, on one or two lines.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import ClassVar, Literal

Status = Literal["ok", "invalid", "failed", "timeout", "out_of_memory"]


class PhotofinishError(Exception):
    """Base of every error this project raises on purpose."""

    exit_code: ClassVar[int] = 1


class UserError(PhotofinishError):
    """Something the user can put right."""

    exit_code = 2


class UnknownName(UserError):
    """A name that stands for nothing here; suggests the nearest one that does."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
        hint = f"did you mean '{near[0]}'?" if near else f"known: {', '.join(names) or 'none'}."
        super().__init__(f"unknown {kind} '{name}'; {hint}")


class BadData(UserError):
    """A data file or folder that cannot be used as it is."""


class UnreadableRecord(BadData):
    """A stored record that is damaged, was changed, or has a newer schema than this version reads."""

    cure: ClassVar[str] = "move it away, or restore it from the artifacts of the record's MLflow run"


class NotAvailable(UserError):
    """This machine lacks what was asked for."""


class SubmissionError(PhotofinishError):
    """The contestant's fault: the evaluation ends in a record with this status."""

    exit_code = 2
    status: ClassVar[Status] = "failed"


class InvalidSubmission(SubmissionError):
    """Not a submission, or an answer that is not an answer to the task."""

    status = "invalid"


class SubmissionFailed(SubmissionError):
    """The submission raised, or its process died."""

    status = "failed"


class SubmissionTimeout(SubmissionError):
    """A phase, a query or the whole run took longer than the task allows."""

    status = "timeout"


class SubmissionOutOfMemory(SubmissionError):
    """The process tree went beyond the memory cap."""

    status = "out_of_memory"


class HarnessError(PhotofinishError):
    """Our own fault; never charged to the contestant."""
