"""How well probabilities order and fit binary labels: AUC, log-loss, and their additive form.

AUC is the Mann-Whitney statistic over n1 x n0, ties counting half (Bamber 1975). Log-loss is the mean
negative log-likelihood with probabilities clipped at their dtype's epsilon, as scikit-learn does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from harness.spec import Array, Row, Table

BINS = 256
_REACH = 8.0
"""Logits are binned from -8 to 8; what lies beyond shares the outermost bins."""


def auc(label: Array, score: Array) -> float:
    """Area under the ROC curve of scores (n,) for labels (n,) in {0, 1}; nan where one class is missing.

    Raises ValueError for scores that are not finite.
    """
    if not np.isfinite(score).all():
        raise ValueError("scores must be finite")
    clicked = np.asarray(label).astype(bool)
    ones, zeros = np.sort(score[clicked]), np.sort(score[~clicked])
    if not len(ones) or not len(zeros):
        return float("nan")
    few, many, sign = (ones, zeros, 1) if len(ones) <= len(zeros) else (zeros, ones, -1)
    below = int(np.searchsorted(many, few, "left").sum(dtype=np.int64))
    up_to = int(np.searchsorted(many, few, "right").sum(dtype=np.int64))
    area = (below + up_to) / (2 * len(few) * len(many))
    return area if sign > 0 else 1 - area


def log_loss(label: Array, probability: Array) -> float:
    """Mean of -log of the probability given to what happened, natural logarithm."""
    return float(losses(label, probability).mean())


def losses(label: Array, probability: Array) -> Array:
    """The loss (n,) float64 of each row."""
    least = float(np.finfo(probability.dtype).eps)
    given = np.where(np.asarray(label).astype(bool), probability, 1 - probability)
    loss: Array = -np.log(np.clip(given.astype(np.float64), least, 1 - least))
    return loss


def tally(label: Array, probability: Array) -> Row:
    """Additive statistics: rows, summed loss, and how many of either class fall in each bin of logits."""
    clipped = np.clip(probability.astype(np.float64), 1e-9, 1 - 1e-9)
    place = (np.log(clipped / (1 - clipped)) + _REACH) * (BINS / (2 * _REACH))
    bins = np.clip(place.astype(np.int64), 0, BINS - 1)
    clicked = np.asarray(label).astype(bool)
    return {
        "rows": float(len(label)),
        "loss": float(losses(label, probability).sum()) if len(label) else 0.0,
        "clicks": np.bincount(bins[clicked], minlength=BINS).astype(np.float64),
        "others": np.bincount(bins[~clicked], minlength=BINS).astype(np.float64),
    }


def binned_auc(sums: Table) -> Array:
    """AUC to the resolution of the bins, from sums of rows; leading axes are kept."""
    clicks, others = sums["clicks"], sums["others"]
    below = np.cumsum(others, axis=-1) - others / 2
    pairs = clicks.sum(axis=-1) * others.sum(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((clicks * below).sum(axis=-1) / pairs)


def mean_loss(sums: Table) -> Array:
    """Log-loss from sums of rows; leading axes are kept."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(sums["loss"] / sums["rows"])
