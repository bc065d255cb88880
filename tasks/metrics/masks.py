"""Person masks, scored: IoU a frame, pooled IoU, boundary IoU, and the group of frames that does worst.

An answer is a probability a pixel, float ``(H, W)`` in [0, 1], and more than one half means person;
bool is taken as it is, uint8 holds 0 (background) or 1 (person). A truth is bool ``(H, W)``.

IoU is |A and B| / |A or B|. The mean, boundary and worst-group measures count frames that show a person;
pooled IoU sums intersections and unions over all frames, so that what is marked on empty ones lowers
it; ``empty_area`` is the share of the pixels of empty frames that is marked.

Boundary IoU (Cheng et al., "Boundary IoU", CVPR 2021, arXiv 2103.16562) is the IoU of the two masks'
inner bands, as wide as 2 % of the frame's diagonal; the frame's edge counts as a boundary.
Frozen: a change here is a new version of every task that uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Answer, FromSums, Metric, Positives, Quality
from harness.spec.errors import InvalidSubmission

if TYPE_CHECKING:
    from harness.spec import Array, Arrays, Query, Row, Table

THRESHOLD = 0.5
BAND = 0.02
"""Width of the boundary band as a share of the diagonal."""
_ROUNDING = 1e-3
"""How far beyond [0, 1] an interpolated probability may lie."""


@dataclass(frozen=True)
class Truth:
    """What is true of one frame.

    ``shape`` is (H, W), ``group`` the number of the group it is in, of ``groups`` in all; ``load`` gives
    the mask, bool (H, W).
    """

    shape: tuple[int, int]
    group: int
    groups: int
    load: Callable[[], Array]


def check(answer: Arrays, query: Query) -> Array:
    """Return an answer as bool ``(H, W)``, True where a person is.

    Raises InvalidSubmission for another shape than the frame's, another dtype, NaN, or values out of range.
    """
    where = f"frame {query.id}: "
    if isinstance(answer, Mapping):
        raise InvalidSubmission(f"{where}the answer is a mapping; one array of shape (H, W) is asked for")
    mask = np.asarray(answer)
    height, width = query.truth.shape
    if mask.shape != (height, width):
        raise InvalidSubmission(
            f"{where}the mask has shape {mask.shape}, the frame is {height} x {width}; "
            f"resize the mask to ({height}, {width})"
        )
    if mask.dtype == np.bool_:
        return mask
    if mask.dtype == np.uint8:
        if mask.max() > 1:
            raise InvalidSubmission(
                f"{where}the uint8 mask holds {mask.max()}; 0 is background and 1 a person "
                "(for grey levels answer float32 in [0, 1])"
            )
        return mask.astype(bool)
    if mask.dtype.kind != "f":
        raise InvalidSubmission(
            f"{where}the mask holds {mask.dtype}; float in [0, 1], bool or uint8 is taken"
        )
    low, high = float(mask.min()), float(mask.max())
    if np.isnan(low) or np.isnan(high):
        raise InvalidSubmission(f"{where}the mask holds NaN")
    if low < -_ROUNDING or high > 1 + _ROUNDING:
        raise InvalidSubmission(
            f"{where}the mask reaches from {low:g} to {high:g}; probabilities lie in [0, 1] "
            "(put logits through a sigmoid)"
        )
    return np.asarray(mask > THRESHOLD)


def most_bytes(query: Query) -> int:
    """Return the bytes of the largest valid answer to a query: float64."""
    height, width = query.truth.shape
    return int(height * width * 8)


def tally(answer: Arrays, truth: Truth) -> Row:
    """Count one frame; every number is 0 where it has nothing to say.

    ``people`` (1 where the frame shows a person), ``iou`` and ``boundary_iou`` of such a frame,
    ``intersection`` and ``union`` in pixels, ``empty_marked`` and ``empty_pixels`` of a frame without
    people, ``group_frames`` and ``group_iou`` (groups,).
    """
    marked, true = np.asarray(answer), truth.load()
    intersection = int(np.count_nonzero(marked & true))
    union = int(np.count_nonzero(marked | true))
    people = bool(true.any())
    iou = intersection / union if people else 0.0
    mine = np.eye(truth.groups)[truth.group] * people
    return {
        "people": float(people),
        "iou": iou,
        "boundary_iou": boundary_iou(marked, true) if people else 0.0,
        "intersection": float(intersection),
        "union": float(union),
        "empty_marked": 0.0 if people else float(union),
        "empty_pixels": 0.0 if people else float(true.size),
        "group_frames": mine,
        "group_iou": mine * iou,
    }


def boundary_iou(a: Array, b: Array) -> float:
    """Boundary IoU of two bool ``(H, W)`` masks; of two empty ones 0."""
    a, b = boundary(a), boundary(b)
    union = np.count_nonzero(a | b)
    return np.count_nonzero(a & b) / union if union else 0.0


def boundary(mask: Array) -> Array:
    """Return the pixels of a bool ``(H, W)`` mask that are near its outline, also at the frame's edge.

    They are what an erosion by a 3 x 3 square, once for each pixel of the band's width, takes away.
    """
    import cv2

    width = max(1, round(BAND * float(np.hypot(*mask.shape))))
    padded = np.pad(mask.astype(np.uint8), 1)
    inner = cv2.erode(padded, np.ones((2 * width + 1, 2 * width + 1), np.uint8))[1:-1, 1:-1]
    return np.asarray(mask & (inner == 0))


def frames_with_people(rows: Table) -> Array:
    """Return whether each frame shows a person: 1 or 0."""
    return np.asarray(rows["people"])


def mean_iou(sums: Table) -> Array:
    """Mean IoU of the frames that show a person; NaN where none does."""
    return _ratio(sums["iou"], sums["people"])


def mean_boundary_iou(sums: Table) -> Array:
    """Mean boundary IoU of the frames that show a person; NaN where none does."""
    return _ratio(sums["boundary_iou"], sums["people"])


def pooled_iou(sums: Table) -> Array:
    """Intersections over unions, summed over all frames; NaN where nothing is marked or true."""
    return _ratio(sums["intersection"], sums["union"])


def worst_group_iou(sums: Table) -> Array:
    """The lowest mean IoU of a group of frames; groups without frames are passed over."""
    return np.asarray(np.fmin.reduce(_ratio(sums["group_iou"], sums["group_frames"]), axis=-1))


def empty_area(sums: Table) -> Array:
    """Share of the pixels of frames without people that is marked; NaN where there is no such frame."""
    return _ratio(sums["empty_marked"], sums["empty_pixels"])


def _ratio(part: Array, whole: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(part / whole)


def _metric(name: str, title: str, compute: Callable[[Table], Array], description: str) -> Metric:
    return Metric(name, "", "max", title, FromSums(compute), description, bounds=(0, 1), margin=0.01)


ANSWER = Answer(check, most_bytes)
QUALITY = Quality(
    metrics=(
        _metric("mean_iou", "IoU", mean_iou, "mean over the frames that show a person"),
        _metric("pooled_iou", "pooled IoU", pooled_iou, "intersections over unions, summed over all frames"),
        _metric("boundary_iou", "boundary IoU", mean_boundary_iou, "of bands 2 % of the diagonal wide; mean"),
        _metric("worst_group_iou", "worst group", worst_group_iou, "lowest mean IoU of a group of frames"),
        Metric(
            "empty_area",
            "",
            "min",
            "marked on empty",
            FromSums(empty_area),
            "share of frames without people that is marked",
        ),
    ),
    tally=tally,
    positives=Positives("people", frames_with_people),
)
