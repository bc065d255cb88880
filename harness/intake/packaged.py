"""The environment of a submission: the one that its lock file asks for, or the stock one that it wants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from harness.environments import stock
from harness.environments.build import environment
from harness.environments.lockfile import lock_of
from harness.probes.machine import worker_packages
from harness.session.runtimes import is_model_file, runtime
from harness.session.wanted import holding, package_of, wanted
from harness.session.worker import worker
from harness.spec import OwnEnvironments, Places, Progress, Submission, no_progress
from harness.spec.errors import InvalidSubmission, NotAvailable


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
    kind = submission.kind
    if lock:
        own = environment(lock, rules, places.environments, progress)
        if lacking := _lacking(kind, own.versions):
            cure = f"add it and lock again, or remove {lock.name}"
            raise InvalidSubmission(f"{lock.name} names no {lacking}; {cure}{_having(kind)}")
        return replace(submission, environment=own)
    if stock.replaced():
        if lacking := _lacking(kind, worker_packages(worker()) if is_model_file(kind) else ()):
            raise NotAvailable(
                f"{stock.REPLACED} names an environment without {lacking}; unset it{_having(kind)}"
            )
        return submission
    name = wanted(submission)
    if lacking := _lacking(kind, stock.packages(name)):
        cure = "put the file into a folder with a lock file that names it"
        raise NotAvailable(f"no stock environment has {lacking}; {cure} (docs/submissions.md)")
    return replace(submission, environment=stock.made(name, progress))


def _lacking(kind: str, installed: Iterable[str]) -> str:
    """Say which packages of a model file's runtime are not installed; nothing where all are."""
    if not is_model_file(kind):
        return ""
    value, names = runtime(kind), {package_of(name) for name in installed}
    missing = [name for name in value.packages if name not in names]
    return f"{', '.join(missing)}, which {value.title} needs" if missing else ""


def _having(kind: str) -> str:
    """Name the stock environment with all that a runtime needs, where there is one."""
    packages = set(runtime(kind).packages)
    name = holding(packages)
    return f": the stock environment '{name}' has it" if packages <= stock.packages(name) else ""
