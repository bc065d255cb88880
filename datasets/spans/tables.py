"""A user's table of rows in order of time."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datasets.spans.layout import Stream
from harness.spec.errors import BadData

CLASS, SPAN = "class", "span"
LARGEST = float(np.finfo(np.float32).max)
WEEK = 336
"""Rows of a span where the table names none: half-hours of a week."""


def stream(path: Path) -> Stream:
    """Read a CSV file with a header: column ``class``, optionally ``span``, the others numbers.

    Rows count in the order of the file. Spans are compared as numbers, so that 10 follows 9.
    Raises BadData with the file and the column where something does not fit.
    """
    import pandas as pd

    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise BadData(f"{path} cannot be read as CSV: {error}") from error
    if CLASS not in table:
        raise BadData(f"{path} has no column '{CLASS}'; its columns: {', '.join(table.columns[:8])}")
    if table[CLASS].isna().any():
        line = int(np.flatnonzero(table[CLASS].isna())[0]) + 2
        raise BadData(f"{path}, line {line}: no class; every row needs one")
    if not len(table):
        raise BadData(f"{path} has a header and no rows")
    numbers = table.drop(columns=[CLASS, SPAN], errors="ignore")
    for name in numbers:
        if numbers[name].dtype.kind not in "biuf" or not (numbers[name].abs() <= LARGEST).all():
            raise BadData(
                f"{path}: column '{name}' must hold finite numbers in every row, below {LARGEST:.1g}"
            )
    if numbers.shape[1] == 0:
        raise BadData(f"{path} has no column of numbers besides '{CLASS}'")
    _, labels = np.unique(table[CLASS], return_inverse=True)
    return Stream(numbers.to_numpy(np.float32), labels.astype(np.int64), _spans(path, table))


def _spans(path: Path, table: object) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    import pandas as pd

    assert isinstance(table, pd.DataFrame)
    if SPAN not in table:
        return (np.arange(len(table)) // WEEK).astype(np.int64)
    given = table[SPAN]
    if given.dtype.kind not in "iu":
        raise BadData(f"{path}: column '{SPAN}' must hold whole numbers")
    if (np.diff(given) < 0).any():
        line = int(np.flatnonzero(np.diff(given) < 0)[0]) + 3
        raise BadData(
            f"{path}, line {line}: span {given[line - 2]} comes after span {given[line - 3]}; sort by time"
        )
    return np.unique(given, return_inverse=True)[1].astype(np.int64)
