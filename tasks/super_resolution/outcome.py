"""What the run says of an entry: the gain for its time, and answers too like the true pictures.

The photographs of ``mini`` are public. An entry that ships them can find the place of a crop and answer what
it knows instead of what it sees. No small picture determines the large one: what published networks add has a
squared correlation with what is lacking of a half to two thirds. An entry far above knows the pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Figures, RunOutcome
from tasks.metrics import fidelity
from tasks.super_resolution.pictures import bicubic_luma, likeness, luma

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

MOST_LIKE, MOST_LIKE_ONE = 0.75, 0.90
"""The most likeness that counts as super-resolution: on average, and in one picture. SwinIR's published
32.92 dB on Set5, 4.5 above bicubic, are a share of 0.65."""


def gain_per_ms(run: RunOutcome) -> float | None:
    """Mean gain in dB over the frozen bicubic, divided by the mean milliseconds, of public pictures."""
    gains, times = [], []
    for process in run.processes:
        public = {index for index in process.answers if run.queries[index].split == "public"}
        times += [seconds for index, seconds in process.asked if index in public]
        for index in public:
            mine, plain, exact = _lumas(run, index, process.answers[index])
            errors = [fidelity.squared_error(one, exact) for one in (mine, plain)]
            gains.append(float(np.subtract(*fidelity.psnr(np.array(errors)))))
    return fmean(gains) / (fmean(times) * 1e3) if gains and times else None


def faults(run: RunOutcome, _: Figures) -> Sequence[str]:
    """Name answers that hold more of the true pictures than the small ones tell."""
    shares = {
        run.queries[index].id: likeness(*_lumas(run, index, answer))
        for process in run.processes
        for index, answer in process.answers.items()
    }
    if not shares:
        return ()
    average, name = fmean(shares.values()), max(shares, key=lambda name: shares[name])
    if average <= MOST_LIKE and shares[name] <= MOST_LIKE_ONE:
        return ()
    return (
        f"knows the true pictures: likeness {average:.2f} on average (at most {MOST_LIKE} counts as "
        f"super-resolution), {shares[name]:.2f} in {name} (at most {MOST_LIKE_ONE})",
    )


def _lumas(run: RunOutcome, index: int, answer: Arrays) -> tuple[Array, Array, Array]:
    """Return luma of an answer, of the frozen bicubic, and of the true picture."""
    truth = run.queries[index].truth
    return luma(np.asarray(answer)), bicubic_luma(truth), luma(truth.load())
