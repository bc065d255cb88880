"""The seam between what is remembered and what runs: an executor makes requested evaluations."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from harness.evaluate import Evaluation
from harness.intake.request import EvaluationRequest
from harness.spec import PROFILES, Places, Progress
from harness.spec.errors import HarnessError, NotAvailable
from machines.description import class_here, offers_of
from machines.stopping import evaluate_until

Evaluator = Callable[[EvaluationRequest, Places, Progress], Evaluation]
"""Makes one evaluation and puts its record's folder into ``places.records``.

Raises SubmissionError and UserError as ``harness.evaluate`` does, MachineLost, and Stopped.
"""


class MachineLost(HarnessError):
    """The machine or its process ended, or did not answer, while it evaluated; another may try again."""


class NoMachine(NotAvailable):
    """No machine is free that may evaluate for the profile."""


class Executor(Protocol):
    """Hands out machines, one to each job."""

    def free_profiles(self) -> tuple[str, ...]:
        """Return the profiles for which a machine is free, each also with the class of the machine."""
        ...

    def reserved(
        self, profile: str, stop: threading.Event | None = None
    ) -> AbstractContextManager[Evaluator]:
        """Keep a machine that offers the profile for the block. Raises NoMachine where none is free.

        ``cpu@3fa9c1`` is a profile on machines of one hardware class.
        An evaluation that runs when ``stop`` is set ends soon, and raises Stopped.
        """
        ...


class LocalExecutor:
    """Evaluates on this machine, in this process."""

    def free_profiles(self) -> tuple[str, ...]:
        """Try every profile, on the class of this machine."""
        return offers_of(PROFILES, class_here())

    @contextmanager
    def reserved(
        self,
        profile: str,  # noqa: ARG002
        stop: threading.Event | None = None,
    ) -> Iterator[Evaluator]:
        """Evaluate here."""
        yield evaluate_until(stop or threading.Event())
