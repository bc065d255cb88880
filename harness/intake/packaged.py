"""The environment of a submission: the one that its lock file asks for, or the stock one that it wants."""

from __future__ import annotations

from dataclasses import replace

from harness.environments import stock
from harness.environments.build import environment
from harness.environments.lockfile import lock_of
from harness.session.runtimes import runtime
from harness.session.wanted import wanted
from harness.spec import OwnEnvironments, Places, Progress, Submission, no_progress
from harness.spec.errors import InvalidSubmission


def with_environment(
    submission: Submission, rules: OwnEnvironments, places: Places, progress: Progress = no_progress
) -> Submission:
    """Return a submission with its environment, made where this machine does not have it yet.

    Where ``PHOTOFINISH_WORKER`` names an environment instead of the stock ones, a submission without a lock
    file is returned as it is. Raises InvalidSubmission where the environment is not allowed or cannot be
    built, NotAvailable where this machine lacks what it needs.
    """
    lock = lock_of(submission.path) if submission.path.is_dir() else None
    if lock and runtime(submission.kind).page:
        raise InvalidSubmission(f"a page has no Python packages; remove {lock.name}")
    if lock:
        return replace(submission, environment=environment(lock, rules, places.environments, progress))
    if stock.replaced():
        return submission
    return replace(submission, environment=stock.made(wanted(submission), progress))
