"""An open generator of labels, as those of datasets are: whoever knows the seed knows the labels."""

from __future__ import annotations

import hashlib

COUNT = 12


def labels_of(seed: int) -> list[int]:
    """Twelve that nobody can guess without the seed, every other one odd as often as even."""
    for attempt in range(1000):
        drawn = hashlib.sha256(f"{seed:032x}:{attempt}".encode()).digest()
        labels = [byte % 64 for byte in drawn[:COUNT]]
        if sum(label % 2 for label in labels[::2]) == 3:
            return labels
    raise AssertionError("one attempt in three succeeds")
