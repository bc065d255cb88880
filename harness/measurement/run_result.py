"""What a run came to: its process pairs and everything asked beside them, and how long it took in all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING

from harness.measurement import pair_statistics
from harness.measurement.diagnostics.gather import Diagnostics
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan
from harness.probes import energy, machine
from harness.record import Audit
from harness.spec.errors import Status
from harness.stats import Ratio

if TYPE_CHECKING:
    from harness.spec import Arrays


@dataclass
class RunResult:
    """What the processes of a run left behind, and the submission's fault if there is one."""

    process_pairs: list[ProcessPair] = field(default_factory=list)
    audits: tuple[Audit, ...] = ()
    diagnostics: Diagnostics = field(default_factory=Diagnostics)
    status: Status = "ok"
    message: str = ""

    @property
    def complete(self) -> list[ProcessPair]:
        """The process pairs of a run that came to its end; none of a run that failed."""
        return self.process_pairs if self.status == "ok" else []

    @property
    def ratio(self) -> Ratio | None:
        """The submission's time divided by the reference's; None where the run failed."""
        return pair_statistics.trusted_ratio(self.complete) if self.complete else None

    @property
    def first_answers(self) -> dict[int, Arrays]:
        """The first answer to each query, by the query's index."""
        answers = reversed([pair.answers for pair in self.complete])
        return {index: answer for given in answers for index, answer in given.items()}


@dataclass(frozen=True)
class RunTotals:
    """When a run began, how long it took in all, and the machine's gauges before and after it.

    Of its ``seconds`` submissions were at work for ``working_s``, and data were decoded for ``loading_s``.
    ``joules`` is None where the machine has no counter.
    """

    started: datetime
    seconds: float
    working_s: float
    loading_s: float
    joules: float | None
    before: Mapping[str, float]
    after: Mapping[str, float]


class RunMeter:
    """Read clock, energy counter and the machine's gauges at the beginning of a run and at its end."""

    def __init__(self) -> None:
        self._before, self._joules = machine.gauges(), energy.cpu_joules()
        self._started, self._clock = datetime.now(UTC), perf_counter()

    def totals(self, run_plan: RunPlan) -> RunTotals:
        """Return what the run took, now that it has ended."""
        joules = energy.joules_between(self._joules, energy.cpu_joules())
        return RunTotals(
            self._started,
            perf_counter() - self._clock,
            run_plan.settings.work.ns / 1e9,
            run_plan.decoding.ns / 1e9,
            joules,
            self._before,
            machine.gauges(),
        )
