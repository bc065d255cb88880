"""The plan of a run: built in one place, for evaluations, comparisons and calibrations alike."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from harness.measurement.decode_cache import DecodeCache
from harness.measurement.message_sizes import MessageSizes, with_room
from harness.measurement.trusted import trusted_task
from harness.probes import availability, page_cache
from harness.sandbox.policy import Backend
from harness.session import workdirs
from harness.session.log import LogCallback
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import Pace, Prepared, Profile, Progress, Query, Scenario, Submission, Task, no_progress

Role = Literal["submission", "reference"]


@dataclass(frozen=True)
class RunSetup:
    """What submissions are measured on: the task, its data, the profile, the sandbox and the seed.

    ``host_log`` is the file that gets the traces of a task's own errors. Without ``scenario`` the task's own
    is used.
    """

    task: Task
    prepared: Prepared
    profile: Profile
    backend: Backend
    host_log: Path
    scenario: Scenario | None = None
    seed: int = 0
    quick: bool = False


@dataclass(frozen=True)
class RunPlan:
    """Two submissions, what they are asked, and what their processes share.

    ``reference`` is the task's own, or with ``contestants`` another submission, whose faults are its owner's.
    ``key`` is drawn for each run and told to nobody.
    """

    setup: RunSetup
    queries: Sequence[Query]
    decoding: DecodeCache
    settings: ExecutionSettings
    submission: Submission
    reference: Submission
    contestants: bool = False
    key: bytes = field(default_factory=lambda: secrets.token_bytes(16), repr=False)

    @property
    def task(self) -> Task:
        """The task, its functions guarded."""
        return self.setup.task

    @property
    def seed(self) -> int:
        """The seed of assignment and order; no submission is told it."""
        return self.setup.seed

    @property
    def scenario(self) -> Scenario:
        """How queries are issued."""
        return self.setup.scenario or self.task.execution.scenario

    @property
    def cores(self) -> Sequence[int]:
        """The kernel's numbers of the cores that the submission is given."""
        return sorted(self.settings.cpus)

    @property
    def spare_cores(self) -> int:
        """How many cores of this machine the submission is not given."""
        return len(os.sched_getaffinity(0)) - len(self.cores)

    @property
    def pace(self) -> Pace | None:
        """The piece of the reference's training that trainings are timed in; contestants give none."""
        return None if self.contestants else self.task.interaction.pace

    @cached_property
    def sizes(self) -> MessageSizes:
        """How large queries and answers are, and how many fit into one request."""
        return MessageSizes(self.queries, self.task.answer, self.settings.limits)

    def open_session(
        self, process: int = 0, on_log: LogCallback | None = None, role: Role = "submission"
    ) -> Session:
        """Open the session of one process of the submission, or of the reference beside it.

        Each process finds the data and the submission whole in the page cache, whatever others read of them.
        """
        interaction = self.task.interaction
        params = {**self.settings.params, **interaction.params(self.queries, process)}
        if role == "reference" and self.pace:
            params |= self.pace.params
        submission = self.submission if role == "submission" else self.reference
        page_cache.warm([self.settings.public, submission.path])
        return Session(replace(self.settings, params=params), submission, self.told_seed(process), on_log)

    def told_seed(self, process: int) -> int:
        """Return ``context.seed`` of a process, 31 bits: equal for its twins, and telling nothing else."""
        keyed = hashlib.blake2b(f"{self.seed}:{process}".encode(), digest_size=4, key=self.key).digest()
        return int.from_bytes(keyed) >> 1


@contextmanager
def planned(
    setup: RunSetup,
    submission: Submission,
    reference: Submission,
    *,
    contestants: bool = False,
    progress: Progress = no_progress,
) -> Iterator[RunPlan]:
    """Build the run plan over data in a disguise of their own, which are removed when the run has ended.

    Raises what ``plan_run`` raises.
    """
    with _disguised(setup, progress) as prepared:
        yield plan_run(replace(setup, prepared=prepared), submission, reference, contestants=contestants)


@contextmanager
def _disguised(setup: RunSetup, progress: Progress) -> Iterator[Prepared]:
    """Yield the data as this run shows them."""
    disguise = setup.task.dataset.disguise
    if disguise is None:
        yield setup.prepared
        return
    folder = workdirs.Workdir()
    folder.path.chmod(0o711)  # a sandbox may belong to another user
    try:
        yield disguise(setup.prepared, secrets.randbits(128), folder.path, progress)
    finally:
        folder.remove()


def plan_run(
    setup: RunSetup, submission: Submission, reference: Submission, *, contestants: bool = False
) -> RunPlan:
    """Build the run plan.

    Raises NotAvailable where this machine lacks the profile's device, UserError where a submission cannot
    run on the profile.
    """
    workdirs.sweep()
    for checked in (submission, reference) if contestants else (submission,):
        availability.check(setup.profile, checked)
    task, decoding = trusted_task(setup.task, setup.host_log), DecodeCache()
    queries, params = decoding.over(task.queries(setup.prepared)), task.execution.params
    limits = with_room(task.execution.limits, task.answer, queries)
    return RunPlan(
        replace(setup, task=task),
        queries,
        decoding,
        ExecutionSettings(setup.backend, setup.profile, limits, setup.prepared.public, params),
        submission,
        reference,
        contestants,
    )
