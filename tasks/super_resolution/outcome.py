"""What the run says of an entry: the gain for its time, and answers too like the true pictures.

The photographs of ``mini`` are public. An entry that ships them can find the place of a crop and answer what
it knows instead of what it sees. No small picture determines the large one: published networks bring back
half to two thirds of what bicubic interpolation loses. An entry that brings back far more knows the pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import fmean

import numpy as np

from harness.spec import Figures, RunOutcome
from tasks.metrics import fidelity
from tasks.super_resolution.pictures import bicubic_error, luma, restored

MOST_RESTORED, MOST_OF_ONE = 0.85, 0.95
"""The largest shares of what bicubic loses that count as super-resolution: on average, and in one picture.
SwinIR's published 32.92 dB on Set5 are a mean of about 0.64."""


def gain_per_ms(run: RunOutcome) -> float | None:
    """Mean gain in dB over the frozen bicubic, divided by the mean milliseconds, of public pictures."""
    gains = [
        float(fidelity.psnr(error) - fidelity.psnr(bicubic)) for _, error, bicubic in _errors(run, "public")
    ]
    times = [
        seconds
        for process in run.processes
        for index, seconds in process.asked
        if run.queries[index].split == "public"
    ]
    return fmean(gains) / (fmean(times) * 1e3) if gains and times else None


def faults(run: RunOutcome, _: Figures) -> Sequence[str]:
    """Name answers that hold more of the true pictures than the small ones tell."""
    shares = {name: restored(error, bicubic) for name, error, bicubic in _errors(run)}
    if not shares:
        return ()
    average, (most, name) = fmean(shares.values()), max((share, name) for name, share in shares.items())
    if average <= MOST_RESTORED and most <= MOST_OF_ONE:
        return ()
    return (
        f"knows the true pictures: {average:.0%} of what bicubic loses is back (at most {MOST_RESTORED:.0%} "
        f"counts as super-resolution), {most:.0%} in {name} (at most {MOST_OF_ONE:.0%})",
    )


def _errors(run: RunOutcome, split: str = "") -> Iterator[tuple[str, float, float]]:
    """Yield id, squared error in luma and that of the frozen bicubic, of every picture answered."""
    for process in run.processes:
        for index, answer in process.answers.items():
            query = run.queries[index]
            if split in {"", query.split}:
                error = fidelity.squared_error(luma(np.asarray(answer)), luma(query.truth.load()))
                yield query.id, error, bicubic_error(query.truth)
