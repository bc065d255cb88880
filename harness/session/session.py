"""Starts hosts, issues requests and owns the clock. One Session is one sandboxed process.

The clock starts before a query is copied in and stops when the answer lies in this process's
memory. While it waits, one loop watches everything: the answer, the log, the death of the child,
the caps and the deadline. There are no threads.
"""

from __future__ import annotations

import json
import secrets
import select
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter_ns
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

from harness.host import codec
from harness.sandbox import disk
from harness.sandbox.policy import Jail, Policy
from harness.session.cores_awake import CoresAwake
from harness.session.environment import environment
from harness.session.log import Log, LogCallback, printable
from harness.session.settings import ExecutionSettings
from harness.session.wire import Reply, Token, Wire
from harness.session.worker import host
from harness.spec import Json, Submission
from harness.spec.errors import (
    HarnessError,
    InvalidSubmission,
    SubmissionError,
    SubmissionFailed,
    SubmissionOutOfMemory,
    SubmissionTimeout,
)

if TYPE_CHECKING:
    from harness.spec import Arrays

WATCH_MS = 10
START_S = 60.0
MB = 1_000_000


@dataclass(frozen=True)
class TimedReply:
    """Answers as they came, undecoded, and the nanoseconds it took to get them.

    Of these ``in_ns`` went into handing the query over and ``out_ns`` into copying the answer.
    """

    reply: Reply
    ns: int
    in_ns: int = 0
    out_ns: int = 0


class Session:
    """One process of one submission, from launch to death. Use as a context manager."""

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
        self._seed = seed
        self._jail: Jail | None = None
        self._workdir = Path(tempfile.mkdtemp(prefix="photofinish-"))
        self._wire = Wire(settings.limits.query_mb * MB, settings.limits.answer_mb * MB)
        self._log = Log(on_log)
        self._poll = select.poll()
        self._awake = CoresAwake()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- the phases -------------------------------------------------------------------------------

    def start(self) -> float:
        """Launch the sandbox and wait for the host to speak. Returns seconds."""
        lives = host(self.submission.kind)
        policy = Policy(
            readable=(*lives.readable, self.submission.path, self.settings.public),
            workdir=self._workdir,
            cpus=self.settings.cpus,
            memory_mb=self.settings.memory_mb,
            processes=self.settings.limits.processes,
            disk_mb=self.settings.limits.disk_mb,
            gpu=self.settings.profile.accelerator == "gpu",
            loopback=lives.loopback,
            environment=environment(len(self.settings.cpus)),
        )
        fds = self._wire.child_fds
        command = [*lives.command, *map(str, fds)]
        started = perf_counter_ns()
        self._jail = self.settings.backend.launch(policy, command, fds, self._log.child_fd)
        self._wire.forget_child_ends()
        self._log.forget_child_end()
        self._poll.register(self._wire.answers, select.POLLIN)
        self._poll.register(self._log.fd, select.POLLIN)
        self._poll.register(self._jail.pidfd, select.POLLIN)
        try:
            self._await("start", started + int(START_S * 1e9))
        except SubmissionError as error:  # nothing of the contestant's has run yet
            raise HarnessError(f"the sandbox did not start: {error}\n{self._log.text()[-800:]}") from error
        took = perf_counter_ns() - started
        self.settings.work.ns += took
        return took / 1e9

    def load(self) -> float:
        """Import the submission. Returns seconds."""
        path = self.submission.path
        name = {"python": "submission.py", "javascript": "submission.js"}.get(self.submission.kind)
        entry = path / name if name and path.is_dir() else path
        return self._tell("import", codec.IMPORT, {"kind": self.submission.kind, "path": str(entry)})

    def prepare(self) -> float:
        """Call ``prepare(context)`` where the submission has one. Returns seconds."""
        return self._tell("prepare", codec.PREPARE, self._context())

    def build(self) -> float:
        """Call ``build(context)``, to its end or, ``at_checkpoint``, to the first. Returns seconds."""
        return self._tell("build", codec.BUILD, self._context())

    def resume(self) -> float:
        """Train on from a checkpoint to the next or to the end. Returns seconds."""
        return self._tell("build", codec.RESUME, {})

    def ask(self, x: Arrays) -> TimedReply:
        """Issue one query: ``model(x)``."""
        return self._request("query", codec.QUERY, [x])

    def ask_all(self, xs: Sequence[Arrays]) -> TimedReply:
        """Issue several queries at once: ``model.batch(xs)``, or one after another where it has none."""
        return self._request("batch", codec.BATCH, xs)

    def update(self, x: Arrays, y: Arrays) -> TimedReply:
        """Give feedback: ``model.update(x, y)``."""
        return self._request("update", codec.UPDATE, [x, y])

    def report(self) -> Mapping[str, Any]:
        """What a browser's host noted: ``page_ms`` of its answers since last time, what was ``refused``."""
        if self.submission.kind != "javascript":
            return {}
        reply = self._request("report", codec.REPORT, "{}").reply
        return dict(json.loads(reply.body))

    def answers(self, timed: TimedReply, count: int = 1) -> list[Arrays]:
        """Decode what came back. Raises InvalidSubmission where it is not ``count`` answers."""
        try:
            items = timed.reply.items()
        except codec.CodecError as error:
            raise InvalidSubmission(f"the answer cannot be read: {error}") from error
        if len(items) != count:
            raise InvalidSubmission(f"{len(items)} answers came back to {count} queries")
        return items

    # -- what is seen from outside ----------------------------------------------------------------

    def tree(self) -> tuple[int, ...]:
        """The living processes of the sandbox."""
        return self._jail.tree() if self._jail else ()

    @property
    def data(self) -> tuple[Path, ...]:
        """Where the submission reads: the public data and its own folder."""
        return self.settings.public, self._workdir

    def workdir_mb(self) -> float:
        """What lies in the submission's own folder now, as long as its files say they are."""
        return sum(path.stat().st_size for path in self._workdir.rglob("*") if path.is_file()) / MB

    def memory_peak_mb(self) -> float | None:
        """The kernel's own peak of the tree so far (cgroup), where there is one."""
        return self._jail.memory_peak_mb() if self._jail else None

    def freeze(self) -> None:
        """Stop the whole sandbox from running."""
        if self._jail:
            self._jail.freeze()

    def thaw(self) -> None:
        """Let it run again."""
        if self._jail:
            self._jail.thaw()

    def log_text(self) -> str:
        """What the submission printed, capped."""
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
            with suppress(OSError):
                disk.remove(self._workdir)

    # -- the one way a request goes ---------------------------------------------------------------

    def _context(self) -> dict[str, Json]:
        profile = self.settings.profile
        return {
            "public": str(self.settings.public),
            "workdir": str(self._workdir),
            "profile": {
                "name": profile.name,
                "threads": len(self.settings.cpus),
                "memory_mb": self.settings.memory_mb,
                "accelerator": profile.accelerator,
            },
            "seed": self._seed,
            "params": self.settings.params,
        }

    def _tell(self, what: str, kind: int, value: Mapping[str, Json]) -> float:
        return self._request(what, kind, json.dumps(value)).ns / 1e9

    def _request(self, what: str, kind: int, sent: Sequence[Arrays] | str) -> TimedReply:
        nonce = secrets.randbits(64)
        limits = self.settings.limits
        limit = limits.query_s if kind in {codec.QUERY, codec.UPDATE, codec.REPORT} else limits.build_s
        left_ns = int(self.settings.limits.run_s * 1e9) - self.spent_ns
        start = perf_counter_ns()
        try:
            self._wire.send(nonce, kind, sent)
        except BrokenPipeError:
            self._died(what)
        handed_over = perf_counter_ns()
        token = self._await(what, start + min(int(limit * 1e9), left_ns))
        ns = perf_counter_ns() - start
        reply = self._wire.reply(token)
        self.spent_ns += ns
        self.settings.work.ns += ns
        if reply.nonce != nonce:
            raise InvalidSubmission(f"the answer to a {what} does not carry the nonce it was asked with")
        if reply.kind == codec.ERROR:
            self._raised(what, reply)
        self.at_checkpoint = kind in {codec.BUILD, codec.RESUME} and reply.kind == codec.CHECKPOINT
        expected = codec.ANSWER if kind in {codec.QUERY, codec.BATCH} else codec.DONE
        if reply.kind != expected and not self.at_checkpoint:
            raise InvalidSubmission(f"the reply to a {what} is of the wrong kind")
        return TimedReply(reply, ns, handed_over - start, self._wire.copied_ns)

    def _await(self, what: str, deadline: int) -> Token:
        memory_timeline = 0
        while True:
            ready = dict(self._poll.poll(WATCH_MS))
            if self._wire.answers in ready:
                try:
                    token = self._wire.receive()
                except EOFError:
                    self._died(what)
                if token:
                    return token
            elif self._jail and self._jail.pidfd in ready:
                self._died(what)
            if self._log.fd in ready and not self._log.drain():
                self._poll.unregister(self._log.fd)
            now = perf_counter_ns()
            if now >= deadline:
                raise SubmissionTimeout(
                    f"{what} took longer than the task allows ({self._limits_text(what)})"
                )
            if now - memory_timeline >= WATCH_MS * 1_000_000:
                memory_timeline = now
                self._check_caps(what)

    def _limits_text(self, what: str) -> str:
        limits = self.settings.limits
        own = limits.query_s if what in {"query", "update"} else limits.build_s
        return f"{own:g} s for it, {limits.run_s:g} s in all"

    def _check_caps(self, what: str) -> None:
        beyond = self._jail.exceeded() if self._jail else None
        if beyond == "memory":
            raise SubmissionOutOfMemory(f"{what} went beyond {self.settings.memory_mb} MB of memory")
        if beyond:
            raise SubmissionFailed(f"{what} went beyond the cap on {beyond}")

    def _died(self, what: str) -> NoReturn:
        self._check_caps(what)
        last = (self._log.text().strip().splitlines() or ["it printed nothing"])[-1]
        raise SubmissionFailed(f"its process ended during {what}; its last line: {printable(last)}")

    def _raised(self, what: str, reply: Reply) -> NoReturn:
        try:
            told = json.loads(reply.body)
            kind, text, where = (printable(str(told[key])) for key in ("type", "text", "where"))
        except (ValueError, TypeError, KeyError, RecursionError):
            raise InvalidSubmission(f"the reply to a {what} cannot be read") from None
        message = f"{what} raised {kind}: {text}{where}"
        if kind == "MemoryError":
            raise SubmissionOutOfMemory(f"{message}; the cap is {self.settings.memory_mb} MB")
        raise (InvalidSubmission if told.get("invalid") else SubmissionFailed)(message)
