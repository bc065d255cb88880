"""One live process of a submission: it is started, sent requests, and timed from outside.

The clock starts before a query is copied in and stops when the answer lies in this process's
memory.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

from harness.host import codec, protocol
from harness.sandbox.policy import Caps, Jail, Policy
from harness.session import faults, requests
from harness.session.cores_awake import CoresAwake
from harness.session.environment import environment
from harness.session.log import Log, LogCallback
from harness.session.requests import Request
from harness.session.runtimes import main_file, runtime
from harness.session.settings import ExecutionSettings
from harness.session.watch import Watch
from harness.session.wire import TimedReply, Wire
from harness.session.workdirs import Workdir
from harness.session.worker import host
from harness.spec import Json, Submission
from harness.spec.errors import HarnessError, InvalidSubmission, SubmissionError

if TYPE_CHECKING:
    from harness.spec import Arrays

MB = 1_000_000
LARGEST_QUERY_BYTES = 1 << 30
"""Address space only: memory is taken as messages need it, and nobody but this process writes there."""


class Session:
    """One process of one submission, from its start to its end. Use as a context manager.

    ``spent_ns`` is the time of all requests so far; ``at_checkpoint`` says that training is at a checkpoint.
    While it is ``resting`` the sandbox is frozen whenever no request is under way, so that no work is done
    beside the clock.
    """

    def __init__(
        self,
        settings: ExecutionSettings,
        submission: Submission,
        seed: int,
        on_log: LogCallback | None = None,
    ) -> None:
        self.settings = settings
        self.submission = submission
        self.spent_ns = 0
        self.at_checkpoint = False
        self.resting = False
        self._seed = seed
        self._runtime = runtime(submission.kind)
        self._jail: Jail | None = None
        self._made = Workdir()
        self._workdir = self._made.path
        self._wire = Wire(LARGEST_QUERY_BYTES, settings.limits.answer_mb * MB)
        self._log = Log(on_log)
        self._awake = CoresAwake()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # -- the phases -------------------------------------------------------------------------------

    def start(self) -> float:
        """Launch the sandbox and wait until the host runs. Returns seconds."""
        started_by = host(self.submission)
        descriptors = self._wire.child_fds
        command = [*started_by.command, *map(str, descriptors)]
        policy = self._policy(started_by.readable, started_by.loopback)
        started = perf_counter_ns()
        self._jail = self.settings.backend.launch(policy, command, descriptors, self._log.child_fd)
        self._wire.forget_child_ends()
        self._log.forget_child_end()
        self._watch = Watch(self.settings, self._wire, self._log, self._jail)
        try:
            limit_s = requests.START.seconds(self.settings.limits)
            self._watch.wait(requests.START, started + int(limit_s * 1e9))
        except SubmissionError as error:  # nothing of the submission has run yet
            cure = "'doctor' says what this machine lacks, 'make setup' makes the environments anew"
            said = f"the sandbox did not start: {error}; {cure}\n{self._log.text()[-800:]}"
            raise HarnessError(said) from error
        took = perf_counter_ns() - started
        self.settings.work.ns += took
        return took / 1e9

    def load(self) -> float:
        """Import the submission. Returns seconds."""
        kind = self.submission.kind
        return self._tell(requests.IMPORT, {"kind": kind, "path": str(main_file(self.submission.path, kind))})

    def prepare(self) -> float:
        """Call ``prepare(context)`` where the submission has one. Returns seconds."""
        return self._tell(requests.PREPARE, self.settings.context(self._workdir, self._seed))

    def build(self) -> float:
        """Call ``build(context)``, to its end or to its first checkpoint. Returns seconds."""
        return self._tell(requests.BUILD, self.settings.context(self._workdir, self._seed))

    def resume(self) -> float:
        """Train on from a checkpoint to the next or to the end. Returns seconds."""
        return self._tell(requests.RESUME, {})

    def ask(self, x: Arrays) -> TimedReply:
        """Issue one query: ``model(x)``."""
        return self._request(requests.QUERY, [x])

    def ask_all(self, xs: Sequence[Arrays]) -> TimedReply:
        """Issue several queries at once: ``model.batch(xs)``, or ``model(x)`` for each where it has none."""
        return self._request(requests.BATCH, xs)

    def update(self, x: Arrays, y: Arrays) -> TimedReply:
        """Give feedback: ``model.update(x, y)``."""
        return self._request(requests.UPDATE, [x, y])

    def report(self) -> Mapping[str, Any]:
        """Return what the host of a page noted since the last report; empty for other submissions.

        ``page_ms`` holds the page's own milliseconds of each answer, ``refused`` the addresses denied to it.
        """
        if not self._runtime.page:
            return {}
        return dict(json.loads(self._request(requests.REPORT, "{}").reply.body))

    def answers(self, timed: TimedReply, count: int = 1) -> list[Arrays]:
        """Decode a reply. Raises InvalidSubmission where it does not hold ``count`` answers."""
        try:
            items = timed.reply.items()
        except codec.CodecError as error:
            raise InvalidSubmission(f"the answer cannot be read: {error}") from error
        if len(items) != count:
            raise InvalidSubmission(f"{len(items)} answers came back to {count} queries")
        return items

    # -- seen from outside ------------------------------------------------------------------------

    def tree(self) -> tuple[int, ...]:
        """List the living processes of the sandbox."""
        return self._jail.tree() if self._jail else ()

    @property
    def data(self) -> tuple[Path, ...]:
        """The folders the submission reads from: the public data and its own writable one."""
        return self.settings.public, self._workdir

    def workdir_mb(self) -> float:
        """Return the size of the files in the submission's writable folder."""
        return self._made.size_mb()

    def begin_memory_peak(self) -> None:
        """Begin a new peak of the memory of all processes."""
        if self._jail:
            self._jail.begin_memory_peak()

    def memory_peak_mb(self) -> float | None:
        """Return the peak of the memory since it was begun, in 10**6 bytes; None where nothing runs."""
        return self._jail.memory_peak_mb() if self._jail else None

    def freeze(self) -> None:
        """Stop the whole sandbox from running."""
        if self._jail:
            self._jail.freeze()

    def thaw(self) -> None:
        """Let the sandbox run again."""
        if self._jail:
            self._jail.thaw()

    def log_text(self) -> str:
        """Return what the submission printed, capped and safe to show."""
        return self._log.text()

    def close(self) -> None:
        """End every process, free everything. Idempotent."""
        self._awake.release()
        jail, self._jail = self._jail, None
        if jail:
            jail.close()
        if self._log.fd >= 0:
            self._log.close()
            self._wire.close()
            self._made.remove()

    # -- how a request is made --------------------------------------------------------------------

    def _policy(self, readable: Sequence[Path], loopback: bool) -> Policy:
        settings = self.settings
        return Policy(
            readable=(*readable, self.submission.path, settings.public),
            workdir=self._workdir,
            caps=Caps(settings.cpus, settings.memory_mb, settings.limits.processes, settings.limits.disk_mb),
            accelerator=settings.profile.accelerator,
            loopback=loopback,
            environment=environment(len(settings.cpus)),
        )

    def _tell(self, request: Request, value: Mapping[str, Json]) -> float:
        return self._request(request, json.dumps(value)).ns / 1e9

    def _request(self, request: Request, sent: Sequence[Arrays] | str) -> TimedReply:
        nonce = secrets.randbits(64)
        limits = self.settings.limits
        allowed_ns = min(int(request.seconds(limits) * 1e9), int(limits.run_s * 1e9) - self.spent_ns)
        if self.resting:
            self.thaw()
        start = perf_counter_ns()
        try:
            handed_over = self._wire.send(nonce, request.number, sent)
        except BrokenPipeError:
            self._watch.died(request)
        except codec.CodecError as error:
            raise HarnessError(f"a {request.name} of the task cannot be sent: {error}") from error
        token = self._watch.wait(request, start + allowed_ns)
        ns = perf_counter_ns() - start
        if self.resting:
            self.freeze()
        reply = self._wire.reply(token)
        self.spent_ns += ns
        self.settings.work.ns += ns
        if reply.nonce != nonce:
            raise InvalidSubmission(f"the answer to a {request.name} does not carry its query's nonce")
        if reply.kind == protocol.ERROR:
            raise faults.raised(request, reply, self.settings.memory_mb)
        self.at_checkpoint = request.checkpoint and reply.kind == protocol.CHECKPOINT
        if reply.kind != request.reply and not self.at_checkpoint:
            raise InvalidSubmission(f"the reply to a {request.name} is of the wrong kind")
        return TimedReply(reply, ns, handed_over - start, self._wire.copied_ns)
