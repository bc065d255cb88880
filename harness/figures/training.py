"""What a training prints of itself: lines of JSON with ``step``, ``steps`` and ``loss``.

They are the contestant's word: shown while it trains and drawn afterwards, never ranked by.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from harness.figures.measurement import picture
from harness.spec import Progress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_LINE = 1000
MOST = 10**9
"""Larger steps and losses are no numbers to draw."""


@dataclass(frozen=True)
class TrainingProgress:
    """One line: how far a training is, and its loss."""

    step: int
    steps: int
    loss: float


@dataclass
class Listener:
    """Takes a log as it comes, in pieces, and reports how far the training is."""

    what: str
    progress: Progress
    rest: bytes = field(default=b"", repr=False)

    def __call__(self, data: bytes) -> None:
        """Hear one more piece of the log."""
        *lines, rest = (self.rest + data).split(b"\n")
        self.rest = rest[-LONGEST_LINE:]
        lines_read = list(read(b"\n".join(lines).decode("utf-8", "replace")))
        if lines_read:
            self.progress(self.what, lines_read[-1].step, lines_read[-1].steps)


def read(log: str) -> Iterator[TrainingProgress]:
    """The lines of a log that tell of a training; any other line is passed over."""
    for line in log.splitlines():
        if not line.startswith('{"step"') or len(line) > LONGEST_LINE:
            continue
        try:
            line_json = json.loads(line)
            step, steps, loss = int(line_json["step"]), int(line_json["steps"]), float(line_json["loss"])
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            continue
        if 0 <= step <= steps <= MOST and abs(loss) <= MOST:
            yield TrainingProgress(step, steps, loss)


def draw(logs: Sequence[str], name: str) -> Mapping[str, bytes]:
    """A picture of loss against step, one line a process; none where no progress was printed."""
    curves = [list(read(log)) for log in logs]
    if not any(curves):
        return {}
    return {"training.png": picture(lambda axes: _curves(axes, curves, name))}


def _curves(axes: Axes, curves: Sequence[Sequence[TrainingProgress]], name: str) -> None:
    for number, curve in enumerate(curves):
        # Points, not lines: a training of two stages counts its steps from 0 twice.
        axes.plot(
            [line.step for line in curve], [line.loss for line in curve], ".", label=f"process {number}"
        )
    axes.set(xlabel="step", ylabel="loss, as printed by the entry", title=f"Training of {name}")
    axes.legend(frameon=False)
