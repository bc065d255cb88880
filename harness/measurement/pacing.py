"""The reference's training, piece by piece: the pace that a submission's training is timed in."""

from __future__ import annotations

from harness.measurement.participant import Participant
from harness.measurement.schedule import Share
from harness.spec import Pace
from harness.spec.errors import HarnessError


class PacedReference:
    """Take the reference through its training in pieces, frozen between them."""

    def __init__(self, reference: Participant, pace: Pace) -> None:
        self._reference = reference
        self._session = reference.session
        self._pace = pace

    def begin(self) -> None:
        """Start it and train the first piece, which is not timed."""
        self._reference.start()
        for name, step in (("prepare", self._session.prepare), ("build", self._session.build)):
            self._reference.phase(name, step)
        self._expect_checkpoint()

    def pieces(self) -> list[float]:
        """Train the pieces that are timed together; return the seconds of each."""
        return [self._piece() for _ in range(self._pace.beside)]

    def _piece(self) -> float:
        seconds = self._session.resume()
        self._expect_checkpoint()
        return seconds

    def end(self, share: Share) -> None:
        """Build the model to its end and warm it up."""
        while self._session.at_checkpoint:
            self._session.resume()
        self._reference.warm_up(share)

    def _expect_checkpoint(self) -> None:
        if not self._session.at_checkpoint:
            wanted = self._pace.params["pieces"]
            raise HarnessError(f"the reference's build must yield a checkpoint after each of {wanted} pieces")
