"""The faults of a submission, each as the error that names it in one line."""

from __future__ import annotations

import json

from harness.session.log import printable
from harness.session.requests import Request
from harness.session.wire import Reply
from harness.spec import Limits
from harness.spec.errors import (
    InvalidSubmission,
    SubmissionError,
    SubmissionFailed,
    SubmissionOutOfMemory,
    SubmissionTimeout,
)


def late(request: Request, limits: Limits) -> SubmissionError:
    """A request that was not answered within its own limit or that of the whole run."""
    own = request.seconds(limits)
    return SubmissionTimeout(
        f"{request.name} took longer than the task allows ({own:g} s for it, {limits.run_s:g} s in all)"
    )


def beyond(request: Request, cap: str, memory_mb: int) -> SubmissionError:
    """A cap that was exceeded during a request: ``memory``, ``processes`` or ``disk``."""
    if cap == "memory":
        return SubmissionOutOfMemory(f"{request.name} went beyond {memory_mb} MB of memory")
    return SubmissionFailed(f"{request.name} went beyond the cap on {cap}")


def died(request: Request, log: str) -> SubmissionError:
    """A process that ended during a request; ``log`` is what it printed."""
    last = (log.strip().splitlines() or ["it printed nothing"])[-1]
    return SubmissionFailed(f"its process ended during {request.name}; its last line: {printable(last)}")


def raised(request: Request, reply: Reply, memory_mb: int) -> SubmissionError:
    """An exception that the host reports, or a report that cannot be read."""
    try:
        report = json.loads(reply.body)
        kind, text, where = (printable(str(report[key])) for key in ("type", "text", "where"))
    except (ValueError, TypeError, KeyError, RecursionError):
        return InvalidSubmission(f"the reply to a {request.name} cannot be read")
    message = f"{request.name} raised {kind}: {text}{where}"
    if kind == "ModuleNotFoundError":
        message += "; lock your own packages, or name a stock environment that has it (docs/submissions.md)"
    if kind == "MemoryError":
        return SubmissionOutOfMemory(f"{message}; the cap is {memory_mb} MB")
    return (InvalidSubmission if report.get("invalid") else SubmissionFailed)(message)
