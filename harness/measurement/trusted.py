"""Guard a task's own functions, which run in the trusted process on a contestant's answers.

What breaks there is our fault. The error goes to the host's log with its trace, for its words may hold
labels; the message says only that the scorer failed, and no record is made against the submission.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from harness.spec import Task
from harness.spec.errors import HarnessError, PhotofinishError

MOST_LOGGED = 1_000_000

P = ParamSpec("P")
T = TypeVar("T")
Failed = Callable[[str, BaseException], HarnessError]


def trusted_task(task: Task, host_log: Path) -> Task:
    """Return the task with every function that meets answers guarded: it raises HarnessError.

    InvalidSubmission and its kin, meant for contestants, pass. Traces of all else go to ``host_log``.
    """
    failed = partial(_failed, host_log, task.name)
    return replace(task, **{name: _guarded(getattr(task, name), name, failed) for name in _PARTS})


_PARTS = ("answer", "quality", "interaction", "reporting")


def _guarded(value: Any, name: str, failed: Failed) -> Any:
    """Return a part of a task with every function in it guarded, also those inside values and tuples."""
    if is_dataclass(value) and not isinstance(value, type):
        parts = {field.name: getattr(value, field.name) for field in fields(value)}
        named = {key: _named(parts, key, name) for key in parts}
        return replace(value, **{key: _guarded(part, named[key], failed) for key, part in parts.items()})
    if isinstance(value, tuple):
        return tuple(_guarded(part, name, failed) for part in value)
    return _guard(value, name, failed) if callable(value) else value


def _named(parts: Mapping[str, Any], key: str, name: str) -> str:
    """Return what an error calls a function: its field, or the metric that it computes."""
    if key == "source":
        return f"metric '{parts['name']}'"
    return name if key in {"compute", "resample"} else key


def _guard(function: Callable[P, T], name: str, failed: Failed) -> Callable[P, T]:
    @functools.wraps(function)
    def guard(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except PhotofinishError:
            raise
        except Exception as error:
            # Not chained: a trace that ends on a contestant's screen would carry the error's words.
            raise failed(name, error) from None

    return guard


def _failed(host_log: Path, task: str, name: str, error: BaseException) -> HarnessError:
    """Log what went wrong in a task's function, and return the error that may be shown."""
    note(host_log, f"task '{task}', {name}", error)
    return HarnessError(
        f"the scorer of task '{task}' failed in '{name}' ({type(error).__name__}): not the "
        f"submission's fault and not held against it; the host's log has the trace: {host_log}"
    )


def note(log: Path, where: str, error: BaseException) -> None:
    """Add a trace to the host's log, which starts anew when it is full."""
    log.parent.mkdir(parents=True, exist_ok=True)
    full = log.exists() and log.stat().st_size > MOST_LOGGED
    trace = "".join(traceback.format_exception(error))[-MOST_LOGGED // 10 :]
    with log.open("w" if full else "a", encoding="utf-8", errors="backslashreplace") as stream:
        stream.write(f"--- {datetime.now(UTC):%Y-%m-%d %H:%M:%S} {where}\n{trace}")
    log.chmod(0o600)
