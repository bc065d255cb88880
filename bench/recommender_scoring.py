"""How long AUC and log-loss take for ten million rows, exact and in their additive form, beside scikit-learn.

.venv/harness/bin/python -m bench.recommender_scoring
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np
from sklearn import metrics as oracle

from tasks.metrics import ranking

ROWS = 10_000_000


def timed(name: str, score: Callable[[], Any]) -> Any:
    start = perf_counter()
    value = score()
    shown = f"{value:.9f}" if isinstance(value, float) else "-"
    print(f"{name:24} {perf_counter() - start:6.2f} s  {shown}", flush=True)
    return value


def main() -> None:
    rng = np.random.default_rng(0)
    label = (rng.random(ROWS) < 0.25).astype(np.uint8)
    score = rng.beta(2, 5, ROWS).astype(np.float32) * 0.8 + 0.15 * label
    score = score.round(6).astype(np.float32)  # with ties
    print(f"{ROWS:,} rows")
    timed("AUC", lambda: ranking.auc(label, score))
    timed("log-loss", lambda: ranking.log_loss(label, score))
    timed("additive rows", lambda: ranking.tally(label, score))
    timed("scikit-learn's AUC", lambda: float(oracle.roc_auc_score(label, score)))
    timed("scikit-learn's log-loss", lambda: float(oracle.log_loss(label, score)))


if __name__ == "__main__":
    main()
