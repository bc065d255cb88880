"""A round of canary runs over the machines that answer; one that disagrees with its class is quarantined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.evaluate import evaluate
from harness.intake.request import EvaluationRequest
from harness.spec import Places, Progress
from harness.spec.errors import HarnessError, NotAvailable
from machines.canary import CanaryHistory, CanaryRun, disagreement, drifts
from machines.enrolment import Enrolment
from machines.executor import Evaluator
from machines.keys import machine_key


class Machines(Protocol):
    """An executor that hands out the machine that is asked for."""

    def usable(self, profile: str) -> Sequence[str]:
        """Return the public keys of the machines that may evaluate for a profile now."""
        ...

    def reserved_machine(self, public_key: str) -> AbstractContextManager[Evaluator]:
        """Keep this machine for the block. Raises NoMachine where it is busy or gone."""
        ...


class ThisMachine:
    """This machine alone, as the host's own."""

    def __init__(self, home: Path) -> None:
        self._key = machine_key(home / "machines").public

    def usable(self, profile: str) -> Sequence[str]:  # noqa: ARG002
        """Return the key of this machine."""
        return [self._key]

    def reserved_machine(self, public_key: str) -> AbstractContextManager[Evaluator]:  # noqa: ARG002
        """Evaluate here."""
        return nullcontext(evaluate)


@dataclass(frozen=True)
class CanaryRound:
    """What a round needs; ``places`` is where its records are kept, apart from those of boards."""

    machines: Machines
    request: EvaluationRequest
    places: Places
    home: Path

    def run(self, progress: Progress) -> Iterator[str]:
        """Run the entry on one machine after another, and yield a line for each."""
        enrolment, history = Enrolment(self.home), CanaryHistory(self.home)
        for key in self.machines.usable(self.request.run.profile):
            enrolled = enrolment.all().get(key)
            name = enrolled.name if enrolled else "this machine"
            try:
                with self.machines.reserved_machine(key) as evaluator:
                    run = CanaryRun.of(evaluator(self.request, self.places, progress).record, key)
            except (HarnessError, NotAvailable) as error:
                yield f"{name}  not run: {error}"
                continue
            reason = disagreement(run, self._latest_of_active(enrolment, history))
            history.add(run)
            if reason and enrolled:
                enrolment.set_state(name, "quarantined", reason)
            drift = drifts(history.runs())[key].change
            changed = "" if drift is None else f", {drift:+.1%} since before"
            state = f"quarantined: {reason}" if reason else "agrees with its class"
            yield f"{name}  class {run.hardware_class}  {run.ratio.value:.3f}x{changed}  {state}"

    @staticmethod
    def _latest_of_active(enrolment: Enrolment, history: CanaryHistory) -> list[CanaryRun]:
        latest = drifts(history.runs())
        return [drift.latest for key, drift in latest.items() if enrolment.may_work(key)]
