"""How many bytes queries and their answers take on the wire, and how many queries fit into one request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from harness.host.codec import ALIGN
from harness.spec import Answer, Limits, Query

if TYPE_CHECKING:
    from harness.spec import Arrays

MB = 1_000_000
_LAYOUT_BYTES = 256
"""Of an array's name, dtype and shape in the layout, generously."""


class MessageSizes:
    """The sizes of a run's messages, each query's looked up once; of ``limits`` the megabytes count."""

    def __init__(self, queries: Sequence[Query], answer: Answer, limits: Limits) -> None:
        self._queries = queries
        self._answer = answer
        self._room = limits.query_mb * MB, limits.answer_mb * MB
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, index: int) -> tuple[int, int]:
        """Return the bytes of a query and of its largest answer, 0 where the task declares no size."""
        if index not in self._known:
            query = self._queries[index]
            self._known[index] = message_bytes(query.load()), answer_bytes(self._answer, query)
        return self._known[index]

    def packed(self, indices: Sequence[int], most: int) -> Iterator[tuple[int, ...]]:
        """Divide queries into requests of at most ``most`` that fit the wire; one query always goes."""
        request: list[int] = []
        left = self._room
        for index in indices:
            sizes = self.of(index)
            if request and (len(request) == most or sizes[0] > left[0] or sizes[1] > left[1]):
                yield tuple(request)
                request, left = [], self._room
            request.append(index)
            left = left[0] - sizes[0], left[1] - sizes[1]
        if request:
            yield tuple(request)

    def within(self, indices: Sequence[int], most: int, most_bytes: int) -> list[int]:
        """Return the first queries, at most ``most``, that together take ``most_bytes``; at least one."""
        kept: list[int] = []
        total = 0
        for index in indices[:most]:
            total += self.of(index)[0]
            if kept and total > most_bytes:
                break
            kept.append(index)
        return kept


def with_room(limits: Limits, answer: Answer, queries: Sequence[Query]) -> Limits:
    """Return limits under which the largest answer that any query allows fits the wire."""
    largest = max((answer_bytes(answer, query) for query in queries if query.teach is None), default=0)
    return replace(limits, answer_mb=max(limits.answer_mb, -(-largest // MB)))


def answer_bytes(answer: Answer, query: Query) -> int:
    """Return the bytes of a message with the largest answer to a query; 0 where the task declares none."""
    return answer.most_bytes(query) + _LAYOUT_BYTES + ALIGN if answer.most_bytes else 0


def message_bytes(x: Arrays) -> int:
    """Return the bytes of a message with these arrays."""
    arrays = list(x.values()) if isinstance(x, Mapping) else [x]
    return sum(-(-array.nbytes // ALIGN) * ALIGN + _LAYOUT_BYTES for array in arrays)
