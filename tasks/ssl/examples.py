"""The test pictures of a block that were named wrongly: by a probe on embeddings, or by the model itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn
from tasks.drawings.sheet import named_sheet
from tasks.ssl.blocks import CLASSES, TEST

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

RANKED = "probe_10"
"""The labels given by the linear probe with ten labels a class: what ranks task ssl."""


def by_probe(_query: Query, answer: Arrays) -> Array:
    """Return the class that the probe names most often over the draws of labels: (tested,)."""
    assert isinstance(answer, Mapping)
    votes = (answer[RANKED][..., None] == np.arange(CLASSES)).sum(axis=0)
    return np.asarray(votes.argmax(axis=1))


def draw(
    queries: Sequence[Query], answers: Sequence[Arrays], named: Callable[[Query, Arrays], Array]
) -> Mapping[str, bytes]:
    """PNG files by name: the misread pictures of up to six blocks that have some, evenly from all.

    ``named(query, answer)`` gives the class named for each test picture of a block.
    """

    def one(query: Query, answer: Arrays) -> Mapping[str, bytes]:
        tested = query.truth.kind == TEST
        if not tested.any():
            return {}
        pictures, labels = np.asarray(query.load())[tested], query.truth.labels[tested]
        return {".png": named_sheet(pictures, labels.tolist(), named(query, answer).tolist())}

    def telling(query: Query, answer: Arrays) -> bool:
        return bool((named(query, answer) != query.truth.labels[query.truth.kind == TEST]).any())

    return drawn(queries, answers, one, telling)
