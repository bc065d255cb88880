"""Film reviews with their opinion, as published by Maas et al. (2011), in one Parquet file.

Texts that stand in both splits are left out of the hidden one: a model has learnt them by heart.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.texts.layout import Text, write
from harness.spec.errors import BadData

CLASSES = ("negative", "positive")
COLUMNS = ("text", "label", "split")


def arrange(source: Path, folder: Path) -> None:
    """Write the reviews into the empty ``folder``. Raises BadData for a file that does not hold them."""
    train, test = read(source)
    write(folder, CLASSES, train, without_known(test, train))


def read(source: Path) -> tuple[list[Text], list[Text]]:
    """Return the reviews to train on and the others. Raises BadData."""
    try:
        table = pq.read_table(source, columns=list(COLUMNS))
    except (pa.ArrowInvalid, OSError) as error:
        reason = str(error).splitlines()[0][:120]
        raise BadData(f"{source} cannot be read as Parquet: {reason}") from None
    except (KeyError, ValueError):
        raise BadData(f"{source} lacks one of the columns {', '.join(COLUMNS)}") from None
    if missing := set(COLUMNS) - set(table.column_names):
        raise BadData(f"{source} lacks the column {sorted(missing)[0]}")
    try:
        rows = table.to_pylist()
    except UnicodeDecodeError as error:
        raise BadData(f"{source} holds a text that is not UTF-8: {error}") from None
    splits: dict[str, list[Text]] = defaultdict(list)
    for number, row in enumerate(rows):
        text, label, split = (row[name] for name in COLUMNS)
        if not isinstance(text, str) or label not in {0, 1} or split not in {"train", "test"}:
            raise BadData(
                f"{source}, row {number}: text must be a string, label 0 or 1, split 'train' or 'test'"
            )
        splits[split].append(Text(text.encode("utf-8", "surrogatepass"), int(label)))
    for split in ("train", "test"):
        if {text.label for text in splits[split]} != {0, 1}:
            raise BadData(f"{source}: the split '{split}' must hold reviews of both labels")
    return splits["train"], splits["test"]


def without_known(test: list[Text], train: list[Text]) -> list[Text]:
    """Leave out the texts that stand in the training set too."""
    known = {text.text for text in train}
    return [text for text in test if text.text not in known]
