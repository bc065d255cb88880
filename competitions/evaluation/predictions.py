"""Predictions against the hidden solution: public rows at once, private rows at the close."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from competitions.evaluation.metrics import find_metric, scored
from competitions.evaluation.tables import read_predictions, read_table
from competitions.rules.competition import PredictionsChallenge
from competitions.rules.feedback import PublicScore, jackknife
from harness.spec.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

USAGE = "Usage"
_GROUPS = 20
"""How many groups of rows a jackknife leaves out in turns."""
_SEED = 20_150


@dataclass(frozen=True, eq=False)
class Solution:
    """The hidden solution and the sample submission, both with the rows of the sample in its order."""

    challenge: PredictionsChallenge
    folder: Path
    table: pd.DataFrame
    sample: pd.DataFrame
    public: pd.Series[bool]


def read_solution(challenge: PredictionsChallenge, folder: Path, sample: Path) -> Solution:
    """Read the solution of a competition's private folder and the sample that participants have.

    Raises UserError where rows, columns or the split into public and private rows are not as they must be.
    """
    given, table = read_table(sample), read_table(folder / challenge.solution)
    row_id = challenge.row_id
    for name, one in (("the sample submission", given), ("the solution", table)):
        if row_id not in one.columns:
            raise UserError(f"{name} has no column {row_id!r}; 'row_id' names it")
        if one[row_id].astype(str).duplicated().any():
            raise UserError(f"{name} has a {row_id} more than once")
    if USAGE not in table.columns or not set(table[USAGE]) <= {"Public", "Private"}:
        raise UserError(f"the solution needs a column {USAGE!r} with 'Public' or 'Private' in each row")
    if set(table[row_id].astype(str)) != set(given[row_id].astype(str)):
        raise UserError(f"the solution and the sample submission must have the same {row_id}")
    ordered = (
        table.set_index(table[row_id].astype(str))
        .loc[given[row_id].astype(str).to_list()]
        .reset_index(drop=True)
    )
    public = ordered[USAGE] == "Public"
    if public.all() or not public.any():
        raise UserError("the solution needs public and private rows")
    return Solution(challenge, folder, ordered.drop(columns=USAGE), given, public)


def rehearse(path: Path, solution: Solution) -> pd.DataFrame:
    """Check predictions against the sample alone. Raises InvalidSubmission with everything that is wrong."""
    return read_predictions(path, solution.sample, solution.challenge.row_id)


def public_score(table: pd.DataFrame, solution: Solution, *, draws: bool) -> PublicScore:
    """Score the public rows; with ``draws`` also with each group of them left out."""
    value = _score(table, solution, solution.public)
    if not draws:
        return PublicScore(value)
    rows = np.flatnonzero(solution.public)
    groups = np.random.default_rng(_SEED).permutation(len(rows)) % min(_GROUPS, len(rows))
    left_out = []
    for group in range(int(groups.max()) + 1):
        kept = solution.public.copy()
        kept.iloc[rows[groups == group]] = False
        left_out.append(_score(table, solution, kept))
    return PublicScore(value, jackknife(left_out))


def split_score(path: Path, solution: Solution, split: Literal["public", "private"]) -> float:
    """Score one split of stored predictions again."""
    chosen = solution.public if split == "public" else ~solution.public
    return _score(rehearse(path, solution), solution, chosen)


def _score(table: pd.DataFrame, solution: Solution, rows: pd.Series[bool]) -> float:
    metric = find_metric(solution.challenge.metric, solution.folder)
    truth, guess = (frame[rows].reset_index(drop=True) for frame in (solution.table, table))
    return scored(metric, truth, guess, solution.challenge.row_id)
