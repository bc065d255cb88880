"""UCI Adult: does a person earn more than 50,000 dollars? The Wide & Deep tutorials' classic.

Becker and Kohavi 1996, https://archive.ics.uci.edu/dataset/2/adult (CC BY 4.0). Split by lot: four fifths to
train on, one fifth hidden. Vocabularies come from the training rows; id 0 is what they never showed.
"""

from __future__ import annotations

import io
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from datasets.clicks import store
from datasets.clicks.schema import Category, Chunk, Schema
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData, NotAvailable

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
HIDDEN_SHARE = 0.2
_ORDER = (
    *("age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation"),
    *("relationship", "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country"),
    LABEL,
)


def fetch(folder: Path, progress: Progress = no_progress) -> None:
    """Fetch the archive from the UCI and write it as a dataset. Raises NotAvailable without network."""
    progress("fetching UCI Adult", 0, 0)
    try:
        with urllib.request.urlopen(URL, timeout=60) as reply:
            archive = zipfile.ZipFile(io.BytesIO(reply.read()))
    except (urllib.error.URLError, TimeoutError, zipfile.BadZipFile) as error:
        raise NotAvailable(
            f"UCI Adult cannot be fetched ({error}); give --from FOLDER with adult.csv"
        ) from error
    parts = [(archive.read("adult.data"), 0), (archive.read("adult.test"), 1)]
    frames = [
        pd.read_csv(io.BytesIO(data), names=_ORDER, skiprows=skip, skipinitialspace=True)
        for data, skip in parts
    ]
    _arrange(pd.concat(frames, ignore_index=True), folder)


def write(file: Path, folder: Path, progress: Progress = no_progress) -> None:
    """Write an ``adult.csv`` with a header as a dataset. Raises BadData where it is not one."""
    progress("reading adult.csv", 0, 0)
    if not file.stat().st_size:
        raise BadData(f"{file.name} is empty")
    _arrange(pd.read_csv(file, skipinitialspace=True), folder)


def _arrange(frame: pd.DataFrame, folder: Path) -> None:
    for name in (*NUMBERS, *CATEGORIES, LABEL):
        if name not in frame.columns:
            raise BadData(f"adult.csv has no column '{name}'")
    if frame.empty:
        raise BadData("adult.csv has a header but no rows")
    label = frame[LABEL].astype(str).str.strip(" .")
    if odd := set(label) - {"<=50K", ">50K"}:
        raise BadData(f"adult.csv: column '{LABEL}' holds {sorted(odd)[0]!r}; it is '<=50K' or '>50K'")
    for name in NUMBERS:
        if not pd.api.types.is_numeric_dtype(frame[name]) or not np.isfinite(frame[name]).all():
            raise BadData(f"adult.csv: column '{name}' holds something that is no finite number")
    words = _words(frame)
    hidden = np.random.default_rng(0).random(len(frame)) < HIDDEN_SHARE
    known = {name: sorted(set(column[~hidden])) for name, column in words.items()}
    places = {name: {word: i + 1 for i, word in enumerate(found)} for name, found in known.items()}
    ids = np.stack([column.map(places[name]).fillna(0).to_numpy(np.int32) for name, column in words.items()])
    numbers = np.stack([_scaled(frame[name].to_numpy(np.float64), ~hidden) for name in NUMBERS])
    whole = Chunk((label == ">50K").to_numpy(np.uint8), numbers, ids)
    categories = tuple(Category(name, len(found) + 1) for name, found in known.items())
    schema = Schema(NUMBERS, categories, int((~hidden).sum()))
    store.write_training(folder / "public", schema, [whole.take(np.flatnonzero(~hidden))])
    store.write_hidden(folder / "private", whole.take(np.flatnonzero(hidden)))


def _words(frame: pd.DataFrame) -> dict[str, pd.Series[str]]:
    """The categories, buckets of numbers and crosses of two, as the tutorials have them, as text."""
    words = {name: frame[name].astype(str) for name in CATEGORIES}
    for name, edges in BUCKETS.items():
        words[f"{name}-bucket"] = pd.Series(np.digitize(frame[name], edges), frame.index).astype(str)
    for left, right in CROSSED:
        words[f"{left}-x-{right}"] = words[left] + "/" + words[right]
    return words


def _scaled(values: Array, known: Array) -> Array:
    """Logarithm of what has a long tail, then zero mean and unit deviation of the training rows."""
    spread = np.log1p(values) if values.min() >= 0 and values.max() > 1000 else values
    scaled: Array = ((spread - spread[known].mean()) / (spread[known].std() or 1)).astype(np.float32)
    return scaled
