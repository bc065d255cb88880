"""What is known of this machine on a profile; where nothing is, the first ranked run learns it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.interactions import Training
from harness.measurement.calibration import Calibration, calibrate, read, write
from harness.measurement.run_plan import RunSetup
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

    def learn(self, setup: RunSetup, reference: Submission, progress: Progress) -> None:
        """Read what is known of the machine; a ranked run learns it, where that takes no training.

        To be called before a run, and once more when it has ended: what keeps a machine busy after the data
        were made is over by then.
        """
        if self.known or self.folder is None:
            return
        self.known = read(self.folder, setup.profile.name)
        if self.known or setup.quick or isinstance(setup.task.interaction, Training):
            return
        try:
            made = calibrate(setup, reference, progress, briefly=True)
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
