"""What is known of this machine on a profile; where nothing is, the first ranked run learns it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.interactions import Training
from harness.measurement.calibration import Calibration, calibrate, calibration_of, read, write
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan, RunSetup
from harness.spec import Progress, Submission
from harness.spec.errors import UserError

WIDEST_MARGIN = 0.05
"""A wider margin says that the day was noisy: it is not kept."""


@dataclass
class MachineCalibration:
    """The calibration that a run counts with.

    ``folder`` keeps those of this machine, None where none is kept. ``refused`` says why the last attempt
    learnt nothing; it is empty where there was none.
    """

    folder: Path | None = None
    known: Calibration | None = None
    refused: str = ""

    @property
    def margin(self) -> float | None:
        """The margin of the calibration, None where there is none."""
        return self.known.margin if self.known else None

    def read(self, setup: RunSetup) -> None:
        """Read what is known of this machine on the profile of a run."""
        if self.known is None and self.folder is not None:
            self.known = read(self.folder, setup.profile.name)

    def learn(self, setup: RunSetup, reference: Submission, progress: Progress) -> None:
        """Learn it where it is not known, unless the run is quick or that would take a training.

        To be called before a run, and once more when it has ended: what keeps a machine busy after the data
        were made is over by then.
        """
        if self._wanted(setup):
            self._keep(lambda: calibrate(setup, reference, progress, briefly=True))

    def learn_from(self, run_plan: RunPlan, process_pairs: Sequence[ProcessPair], load_1min: float) -> None:
        """Learn it from a run of the reference itself, which is what a calibration consists of."""
        if self._wanted(run_plan.setup):
            self._keep(lambda: calibration_of(run_plan, process_pairs, load_1min))

    def _wanted(self, setup: RunSetup) -> bool:
        self.read(setup)
        trained = isinstance(setup.task.interaction, Training)
        return self.folder is not None and self.known is None and not setup.quick and not trained

    def _keep(self, learnt: Callable[[], Calibration]) -> None:
        """Keep a calibration, or why there is none."""
        assert self.folder is not None
        try:
            made = learnt()
        except UserError as error:
            self.refused = str(error)
            return
        if made.margin > WIDEST_MARGIN:
            self.refused = (
                f"the reference's ratio to itself was known to {100 * made.margin:.0f} % only "
                f"(limit {100 * WIDEST_MARGIN:.0f} %); run it again when the machine is quiet"
            )
            return
        write(self.folder, made)
        self.known, self.refused = made, ""
