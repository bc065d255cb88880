"""Which units an entry's page shows as examples, and what their files are called."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.record.units import picture_name
from harness.spec import Query

if TYPE_CHECKING:
    from harness.spec import Arrays

MOST = 6


def anything(_query: Query, _answer: Arrays) -> bool:
    """Whether a unit is worth a picture, where all are."""
    return True


def drawn(
    queries: Sequence[Query],
    answers: Sequence[Arrays],
    draw: Callable[[Query, Arrays], Mapping[str, bytes]],
    telling: Callable[[Query, Arrays], bool] = anything,
) -> Mapping[str, bytes]:
    """Draw up to six units, evenly from all that are ``telling``, or from all where none is.

    ``draw(query, answer)`` returns files by what follows the unit in their names: ``.png``, or
    ``~CAPTION.png`` for each of several pictures of one place and size. It may return none.
    """
    pairs = sorted(zip(queries, answers, strict=True), key=lambda pair: pair[0].id)
    shown = [pair for pair in pairs if telling(*pair)] or pairs
    chosen = sorted({int(at) for at in np.linspace(0, len(shown) - 1, MOST)}) if shown else []
    return {
        f"{picture_name(query.id)}{ending}": data
        for query, answer in (shown[at] for at in chosen)
        for ending, data in draw(query, answer).items()
    }
