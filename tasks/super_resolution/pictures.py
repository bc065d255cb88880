"""What task super_resolution asks, what may be answered, and what one answer is worth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Prepared, Query
from harness.spec.errors import InvalidSubmission
from tasks.metrics import fidelity

if TYPE_CHECKING:
    from pathlib import Path

    from harness.spec import Array, Arrays, Row, Table

SCALE = 4


@dataclass(frozen=True)
class Truth:
    """What is known of one picture: its shape (h, w, 3), and how to load it and the small one."""

    shape: tuple[int, ...]
    load: Callable[[], Array]
    load_low: Callable[[], Array]


def queries(prepared: Prepared) -> Sequence[Query]:
    """Return the small pictures; the crops of a photograph are one cluster."""
    from datasets.photos import layout

    made = []
    for row in layout.read_table(prepared.private):
        low = partial(layout.read_low, prepared.private, row.id)
        height, width = (SCALE * side for side in low().shape[:2])
        truth = Truth((height, width, 3), partial(layout.read_true, prepared.private, row.id), low)
        load = partial(_load, prepared.private, row.id)
        made.append(Query(row.id, row.photograph, row.split, load, truth))
    return made


def _load(private: Path, name: str) -> Mapping[str, Array]:
    from datasets.photos import layout

    return {"picture": layout.read_low(private, name)}


def check(answer: Arrays, query: Query) -> Array:
    """Return the answer, uint8 (4 h, 4 w, 3). Raises InvalidSubmission for any other shape or dtype."""
    where, wanted = f"picture {query.id}: ", query.truth.shape
    height, width, _ = wanted
    if isinstance(answer, Mapping):
        raise InvalidSubmission(f"{where}the answer is a mapping; one array uint8 {wanted} is asked for")
    picture = np.asarray(answer)
    if picture.ndim == 2:
        raise InvalidSubmission(f"{where}the answer is grey, {picture.shape}; repeat it in three channels")
    if picture.ndim == 3 and picture.shape[2] == 4:
        raise InvalidSubmission(f"{where}the answer has four channels; leave the alpha channel out")
    if picture.shape != wanted:
        raise InvalidSubmission(
            f"{where}the answer has shape {picture.shape}; {SCALE} times the picture is {height} x {width} "
            f"with three channels, {wanted}"
        )
    if picture.dtype.kind == "f":
        raise InvalidSubmission(
            f"{where}the answer holds {picture.dtype}; scale it to 0 … 255, round it and answer uint8"
        )
    if picture.dtype != np.uint8:
        raise InvalidSubmission(f"{where}the answer holds {picture.dtype}; uint8 is asked for")
    return picture


def tally(answer: Arrays, truth: Truth) -> Row:
    """Score one picture.

    ``pictures`` is 1; ``psnr_y`` and ``gain_db`` are in dB, the second over the frozen bicubic; ``ssim_y``;
    ``effnet_distance``; ``likeness`` is that of ``likeness``.
    """
    from tasks.metrics import effnet

    true = truth.load()
    answered = np.asarray(answer)
    mine, exact = luma(answered), luma(true)
    plain = bicubic_luma(truth)
    decibels = fidelity.psnr(fidelity.squared_error(mine, exact))
    return {
        "pictures": 1.0,
        "psnr_y": float(decibels),
        "ssim_y": fidelity.ssim(mine, exact),
        "effnet_distance": effnet.distance(answered, true),
        "gain_db": float(decibels - fidelity.psnr(fidelity.squared_error(plain, exact))),
        "likeness": likeness(mine, plain, exact),
    }


def luma(picture: Array) -> Array:
    """Return the luma that counts: without the border of SCALE pixels."""
    return fidelity.cropped(fidelity.luma(picture), SCALE)


def bicubic_luma(truth: Truth) -> Array:
    """Return the luma that counts of the frozen bicubic."""
    from datasets.photos.bicubic import resize

    height, width, _ = truth.shape
    return luma(resize(truth.load_low(), height, width))


def likeness(mine: Array, plain: Array, exact: Array) -> float:
    """Squared correlation of what an answer adds to the bicubic with what the bicubic lacks: 0 to 1.

    An estimate that is as good as it can be restores this very share of the bicubic's squared error.
    """
    added, lacking = (mine - plain).ravel(), (exact - plain).ravel()
    together, whole = float(added @ lacking), float(added @ added) * float(lacking @ lacking)
    return together**2 / whole if together > 0 and whole > 0 else 0.0


def mean(statistic: str, sums: Table) -> Array:
    """Mean over the pictures of one statistic."""
    return np.asarray(sums[statistic] / sums["pictures"])
