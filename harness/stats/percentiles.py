"""Percentiles that hold: an upper confidence bound from order statistics, or nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

if TYPE_CHECKING:
    from harness.spec import Array


def percentile_bound(samples: Array | Sequence[float], p: float, confidence: float = 0.95) -> float | None:
    """Upper bound on the ``p`` quantile of what ``samples`` (n,) were drawn from, in their unit.

    With t the largest number for which P(Binomial(n, 1 - p) <= t) < 1 - confidence, it is the
    (t + 1)-th largest sample: were the true quantile above it, at most t samples would lie beyond
    that quantile, which happens less often than 1 - confidence. The rule behind LoadGen's early
    stopping (MLPerf inference policies, "Early stopping"), one order statistic sharper. None where
    no such t exists: p = 0.9 needs 29 samples (44 for 99 % confidence), p = 0.99 needs 299 (459).

    Raises ``ValueError`` for p or confidence outside (0, 1) and for samples that hold NaN.
    """
    if not (0 < p < 1 and 0 < confidence < 1):
        raise ValueError(f"p ({p}) and confidence ({confidence}) must lie between 0 and 1.")
    ordered = np.sort(np.asarray(samples, dtype=np.float64))
    n = len(ordered)
    if n and np.isnan(ordered[-1]):
        raise ValueError("samples hold NaN; a percentile of them means nothing.")
    beyond = bisect_left(range(n), 1 - confidence, key=lambda t: float(special.bdtr(t, n, 1 - p)))
    return float(ordered[n - beyond]) if beyond else None
