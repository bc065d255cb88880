"""Texts on disk: what contestants may read and what only the harness reads.

public/train.parquet     text (binary, UTF-8) and label (uint8), shuffled
public/about.json        the classes by label, and the number of rows
private/test.parquet     text, label, and group (string): texts of one group are not independent
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


@dataclass(frozen=True)
class Text:
    """One text with its class, and what it shares with others: the file or the film it is from."""

    text: bytes
    label: int
    group: str = ""


def write(folder: Path, classes: Sequence[str], train: Sequence[Text], test: Sequence[Text]) -> None:
    """Write both splits into the empty ``folder/public`` and ``folder/private``; the first is shuffled."""
    order = np.random.default_rng(len(train)).permutation(len(train))
    _write(folder / "public" / "train.parquet", [train[index] for index in order], groups=False)
    about = {"classes": list(classes), "rows": len(train)}
    (folder / "public" / "about.json").write_text(json.dumps(about))
    _write(folder / "private" / "test.parquet", test, groups=True)


def _write(path: Path, texts: Sequence[Text], groups: bool) -> None:
    columns = {
        "text": pa.array([one.text for one in texts], pa.binary()),
        "label": pa.array([one.label for one in texts], pa.uint8()),
    }
    if groups:
        columns["group"] = pa.array([one.group for one in texts], pa.string())
    pq.write_table(pa.table(columns), path, row_group_size=1 << 14)


def read_train(public: Path) -> list[Text]:
    """Read the training texts."""
    return _read(public / "train.parquet")


def read_test(private: Path) -> list[Text]:
    """Read the hidden texts."""
    return _read(private / "test.parquet")


def _read(path: Path) -> list[Text]:
    return [Text(**row) for row in pq.read_table(path).to_pylist()]


def classes(public: Path) -> list[str]:
    """Return the names of the classes by label."""
    names: list[str] = json.loads((public / "about.json").read_text())["classes"]
    return names


def rows(public: Path) -> int:
    """Return how many texts there are to train on."""
    return int(json.loads((public / "about.json").read_text())["rows"])
