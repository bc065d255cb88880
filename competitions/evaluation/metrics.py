"""Metrics of predictions: some of ours, or a host's file with Kaggle's ``score`` function.

``score(solution, submission, row_id_column_name)`` gets two data frames with the same rows and returns a
number. What it raises as ``ParticipantVisibleError`` (by that name) is told to the participant; any other
error is the host's, and costs the participant nothing.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.spec.errors import HarnessError, InvalidSubmission, UnknownName, UserError

if TYPE_CHECKING:
    import pandas as pd

    from harness.spec import Array

Score = Callable[..., float]
VISIBLE = "ParticipantVisibleError"


class ParticipantVisibleError(Exception):
    """An error in predictions that a metric tells to the participant."""


def _values(solution: pd.DataFrame, submission: pd.DataFrame, row_id: str) -> tuple[Array, Array]:
    """Return the values of all columns but the id, in the solution's order of columns."""
    names = [name for name in solution.columns if name != row_id]
    return solution[names].to_numpy(), submission[names].to_numpy()


def accuracy(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    """Return the share of values that are right."""
    truth, guess = _values(solution, submission, row_id_column_name)
    return float(np.mean(truth == guess))


def rmse(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    """Return the root of the mean squared error."""
    truth, guess = _values(solution, submission, row_id_column_name)
    return float(np.sqrt(np.mean((truth.astype(float) - guess.astype(float)) ** 2)))


def mae(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    """Return the mean absolute error."""
    truth, guess = _values(solution, submission, row_id_column_name)
    return float(np.mean(np.abs(truth.astype(float) - guess.astype(float))))


def auc(solution: pd.DataFrame, submission: pd.DataFrame, row_id_column_name: str) -> float:
    """Return the area under the ROC curve of one column of scores for labels 0 and 1."""
    from sklearn.metrics import roc_auc_score

    truth, guess = _values(solution, submission, row_id_column_name)
    return float(roc_auc_score(truth.ravel().astype(int), guess.ravel().astype(float)))


OURS: Mapping[str, Score] = {"accuracy": accuracy, "rmse": rmse, "mae": mae, "auc": auc}


def find_metric(metric: str, folder: Path) -> Score:
    """Return one of our metrics by name, or the ``score`` of a file in ``folder``.

    Raises UnknownName, or UserError where the file cannot be imported or has no ``score``.
    """
    if metric in OURS:
        return OURS[metric]
    path = folder / metric
    if path.suffix != ".py" or not path.is_file():
        raise UnknownName("metric", metric, [*OURS, "a .py file with score(solution, submission, row_id)"])
    return _from_file(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _from_file(path: Path, _changed: int) -> Score:
    spec = importlib.util.spec_from_file_location(f"photofinish_metric_{path.parent.name}", path)
    assert spec is not None and spec.loader is not None, "a file that ends with .py has a loader"
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise UserError(f"{path.name} cannot be imported: {type(error).__name__}: {error}") from error
    score = getattr(module, "score", None)
    if not callable(score):
        raise UserError(f"{path.name} defines no score(solution, submission, row_id_column_name)")
    return score  # type: ignore[no-any-return]


def scored(score: Score, solution: pd.DataFrame, submission: pd.DataFrame, row_id: str) -> float:
    """Return a finite score.

    Raises InvalidSubmission with what the metric tells participants, HarnessError for its own faults.
    """
    try:
        value = float(score(solution.copy(), submission.copy(), row_id))
    except Exception as error:
        if any(base.__name__ == VISIBLE for base in type(error).__mro__):
            raise InvalidSubmission(str(error)[:500]) from None
        raise HarnessError(
            f"the metric failed ({type(error).__name__}); the host's log has the trace"
        ) from error
    if not math.isfinite(value):
        raise HarnessError(f"the metric returned {value}; it must return a finite number")
    return value
