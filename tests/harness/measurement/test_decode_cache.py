from __future__ import annotations

from collections.abc import Callable

import numpy as np

from harness.measurement.decode_cache import DecodeCache
from harness.spec import Query


def queries(count: int, read: list[int]) -> list[Query]:
    def load_of(number: int) -> Callable[[], np.ndarray]:
        def load() -> np.ndarray:
            read.append(number)
            return np.full(100, number, np.uint8)

        return load

    return [Query(f"q{i}", "c", "public", load_of(i), None) for i in range(count)]


def test_what_is_asked_again_is_decoded_once() -> None:
    read: list[int] = []
    loading = DecodeCache()
    asked = loading.over(queries(3, read))
    for _ in range(4):
        assert [int(query.load()[0]) for query in asked] == [0, 1, 2]  # type: ignore[call-overload]
    assert read == [0, 1, 2]
    assert loading.ns > 0


def test_memory_is_bounded_and_the_latest_are_kept() -> None:
    read: list[int] = []
    asked = DecodeCache(most_bytes=250).over(queries(3, read))
    for number in (0, 1, 0, 2, 0, 1):
        asked[number].load()
    assert read == [0, 1, 2, 1], "1 was used longest ago when 2 came"


def test_what_is_larger_than_the_bound_is_read_anew() -> None:
    read: list[int] = []
    asked = DecodeCache(most_bytes=50).over(queries(1, read))
    asked[0].load()
    asked[0].load()
    assert read == [0, 0]
