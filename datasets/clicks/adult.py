"""UCI Adult: does a person earn more than 50,000 dollars? The Wide & Deep tutorials' classic.

Becker and Kohavi 1996, https://archive.ics.uci.edu/dataset/2/adult (CC BY 4.0). Split at random: four fifths
to train on, one fifth hidden. Vocabularies come from the training rows; id 0 is a word not among them.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from datasets.clicks import store
from datasets.clicks.schema import Category, Chunk, Schema
from datasets.downloads import download
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

URL = "https://archive.ics.uci.edu/static/public/2/adult.zip"
NUMBERS = ("age", "fnlwgt", "education-num", "capital-gain", "capital-loss", "hours-per-week")
CATEGORIES = (
    "workclass",
    "education",
    "marital-status",
    "occupation",
    "relationship",
    "race",
    "sex",
    "native-country",
)
CROSSED = (("education", "occupation"), ("workclass", "occupation"), ("marital-status", "relationship"))
BUCKETS = {
    "age": (18, 22, 25, 28, 31, 35, 40, 45, 50, 55, 60, 65),
    "capital-gain": (1, 3000, 5000, 7000, 10000),
}
LABEL = "income-per-year"
BY_HAND = "give --from FOLDER with adult.csv"
HIDDEN_SHARE = 0.2
_ORDER = (
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation"),
    *("relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country"),
    LABEL,
)


def fetch(downloads: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Download the archive from the UCI and write it as a dataset.

    Raises NotAvailable where it cannot be reached, BadData where the archive is broken.
    """
    path = download(URL, downloads, None, BY_HAND, progress)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = [(archive.read("adult.data"), 0), (archive.read("adult.test"), 1)]
    except (zipfile.BadZipFile, KeyError) as error:
        path.unlink()
        raise BadData(f"{path} is not UCI Adult's archive ({error}) and was removed; {BY_HAND}") from None
    frames = [
        pd.read_csv(io.BytesIO(data), names=_ORDER, skiprows=skip, skipinitialspace=True)
        for data, skip in parts
    ]
    _arrange(path, pd.concat(frames, ignore_index=True), folder)


def write(file: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Write an ``adult.csv`` with a header as a dataset. Raises BadData where it is not one."""
    progress("reading adult.csv", 0, 0)
    if not file.stat().st_size:
        raise BadData(f"{file} is empty")
    try:
        frame = pd.read_csv(file, skipinitialspace=True, low_memory=False)
    except (ValueError, OverflowError, OSError) as error:  # a ParserError is a ValueError
        raise BadData(f"{file} cannot be read as a CSV table: {' '.join(str(error).split())[:200]}") from None
    _arrange(file, frame, folder)


def _arrange(file: Path, frame: pd.DataFrame, folder: Path) -> None:
    for name in (*NUMBERS, *CATEGORIES, LABEL):
        if name not in frame.columns:
            raise BadData(f"{file} has no column '{name}'")
    if frame.empty:
        raise BadData(f"{file} has a header but no rows")
    label = frame[LABEL].fillna("").astype(str).str.strip(" .")
    if unknown := set(label) - {"<=50K", ">50K"}:
        raise BadData(f"{file}: column '{LABEL}' holds {min(unknown)!r}; it must be '<=50K' or '>50K'")
    for name in NUMBERS:
        if frame[name].dtype.kind not in "iuf" or not np.isfinite(frame[name]).all():
            raise BadData(f"{file}: column '{name}' holds a value that is not a finite number")
    words = _words(frame)
    hidden = np.random.default_rng(0).random(len(frame)) < HIDDEN_SHARE
    store.check_parts(file, int((~hidden).sum()), int(hidden.sum()))
    known = {name: sorted(set(column[~hidden])) for name, column in words.items()}
    id_of = {name: {word: i + 1 for i, word in enumerate(column)} for name, column in known.items()}
    ids = np.stack([column.map(id_of[name]).fillna(0).to_numpy(np.int32) for name, column in words.items()])
    numbers = np.stack([_scaled(frame[name].to_numpy(np.float64), ~hidden) for name in NUMBERS])
    whole = Chunk((label == ">50K").to_numpy(np.uint8), numbers, ids)
    categories = tuple(Category(name, len(column) + 1) for name, column in known.items())
    schema = Schema(NUMBERS, categories, int((~hidden).sum()))
    store.write_training(folder / "public", schema, [whole.take(np.flatnonzero(~hidden))])
    store.write_hidden(folder / "private", whole.take(np.flatnonzero(hidden)))


def _words(frame: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """Return as text the categories, buckets of numbers and crosses of two that the tutorials use."""
    words = {name: frame[name].fillna("?").astype(str) for name in CATEGORIES}
    for name, edges in BUCKETS.items():
        words[f"{name}-bucket"] = pd.Series(np.digitize(frame[name], edges), frame.index).astype(str)
    for left, right in CROSSED:
        words[f"{left}-x-{right}"] = words[left] + "/" + words[right]
    return words


def _scaled(values: Array, known: Array) -> Array:
    """Take logarithms of what has a long tail; give the training rows zero mean and unit deviation."""
    spread = np.log1p(values) if values.min() >= 0 and values.max() > 1000 else values
    scaled: Array = ((spread - spread[known].mean()) / (spread[known].std() or 1)).astype(np.float32)
    return scaled
