"""Wait for a reply while watching everything else: the log, the process, the caps and the deadline."""

from __future__ import annotations

import select
from time import perf_counter_ns
from typing import NoReturn

from harness.sandbox.policy import Jail
from harness.session import faults
from harness.session.log import Log
from harness.session.requests import Request
from harness.session.settings import ExecutionSettings
from harness.session.wire import Token, Wire

WATCH_MS = 10


class Watch:
    """Watches one running sandbox in one loop, without threads."""

    def __init__(self, settings: ExecutionSettings, wire: Wire, log: Log, jail: Jail) -> None:
        self._settings = settings
        self._wire = wire
        self._log = log
        self._jail = jail
        self._poll = select.poll()
        for descriptor in (wire.answers, log.fd, jail.pidfd):
            self._poll.register(descriptor, select.POLLIN)

    def wait(self, request: Request, deadline: int) -> Token:
        """Return the token of the next reply; ``deadline`` is a time of ``perf_counter_ns``.

        Raises SubmissionError where the process ends, exceeds a cap or is late.
        """
        checked = 0
        while True:
            ready = dict(self._poll.poll(WATCH_MS))
            if self._wire.answers in ready:
                try:
                    token = self._wire.receive()
                except EOFError:
                    self.died(request)
                if token:
                    return token
            elif self._jail.pidfd in ready:
                self.died(request)
            if self._log.fd in ready and not self._log.drain():
                self._poll.unregister(self._log.fd)
            now = perf_counter_ns()
            if now >= deadline:
                raise faults.late(request, self._settings.limits)
            if now - checked >= WATCH_MS * 1_000_000:
                checked = now
                self._check_caps(request)

    def died(self, request: Request) -> NoReturn:
        """Raise the error of a process that has ended: a cap that it exceeded, or its last line."""
        self._check_caps(request)
        raise faults.died(request, self._log.text())

    def _check_caps(self, request: Request) -> None:
        cap = self._jail.exceeded()
        if cap:
            raise faults.beyond(request, cap, self._settings.memory_mb)
