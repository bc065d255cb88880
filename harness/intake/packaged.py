"""A submission that brings its own packages: its lock file is found, and its environment made ready."""

from __future__ import annotations

from dataclasses import replace

from harness.environments.build import environment
from harness.environments.lockfile import lock_of
from harness.session.runtimes import runtime
from harness.spec import OwnEnvironments, Places, Progress, Submission, no_progress
from harness.spec.errors import InvalidSubmission


def with_environment(
    submission: Submission, rules: OwnEnvironments, places: Places, progress: Progress = no_progress
) -> Submission:
    """Return a submission with the environment that its lock file asks for, as it is where it has none.

    Raises InvalidSubmission where the environment is not allowed or cannot be built, NotAvailable where this
    machine lacks what it needs.
    """
    lock = lock_of(submission.path)
    if lock is None:
        return submission
    if runtime(submission.kind).page:
        raise InvalidSubmission(f"a page has no Python packages; remove {lock.name}")
    return replace(submission, environment=environment(lock, rules, places.environments, progress))
