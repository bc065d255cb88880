"""The pictures of a query that an entry named wrongly; an episode's new classes are "new 0", "new 1" …"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Query
from tasks.drawings.choice import drawn
from tasks.drawings.sheet import named_sheet

if TYPE_CHECKING:
    from harness.spec import Arrays
    from tasks.retrieval.script import Asked


def draw(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """PNG files by name: up to six queries of episodes with misnamed pictures, evenly from all with some."""
    return drawn(queries, answers, _drawn, _telling)


def _telling(query: Query, answer: Arrays) -> bool:
    assert isinstance(answer, Mapping)
    return query.truth.phase == "episode" and bool((answer["named"] != query.truth.labels).any())


def _drawn(query: Query, answer: Arrays) -> Mapping[str, bytes]:
    assert isinstance(answer, Mapping)
    truth: Asked = query.truth
    true = [_name(int(label), truth) for label in truth.labels]
    named = [_name(int(label), truth) for label in answer["named"]]
    return {".png": named_sheet(np.asarray(query.load()), true, named)}


def _name(label: int, truth: Asked) -> str:
    first = truth.known if truth.new is None else int(truth.new[0])
    return str(label) if label < first else f"new {label - first}"
