"""Messages survive the crossing unchanged, and nonsense is refused before it is believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.host import codec

DTYPES = st.one_of(
    hnp.boolean_dtypes(),
    hnp.integer_dtypes(endianness="<"),
    hnp.unsigned_integer_dtypes(endianness="<"),
    hnp.floating_dtypes(endianness="<"),
    hnp.byte_string_dtypes(),
    hnp.unicode_string_dtypes(endianness="<"),
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=5))
ITEMS = st.one_of(ARRAYS, st.dictionaries(st.text(max_size=8), ARRAYS, max_size=4))


def crossed(items: list[Any], size: int = 1 << 16) -> tuple[list[Any], list[Any]]:
    """The items as the other side reads them in place, and as decoded from a copy."""
    buffer = memoryview(bytearray(size))
    layout_length, total = codec.Writer(buffer).put(items)
    return codec.Reader(buffer).get(layout_length), codec.decode(bytes(buffer[:total]), layout_length)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[name], b[name]) for name in a)
    return bool(a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes())


@given(st.lists(ITEMS, min_size=1, max_size=3))
def test_items_come_back_as_they_went(items: list[Any]) -> None:
    for read in crossed(items):
        assert len(read) == len(items)
        assert all(same(before, after) for before, after in zip(items, read, strict=True))


@given(st.lists(ITEMS, min_size=2, max_size=6))
def test_one_writer_and_reader_serve_messages_of_changing_shape(messages: list[Any]) -> None:
    buffer = memoryview(bytearray(1 << 16))
    writer, reader = codec.Writer(buffer), codec.Reader(buffer)
    for message in [*messages, *messages, messages[0]]:
        layout_length, total = writer.put([message])
        assert same(message, reader.get(layout_length)[0])
        assert same(message, codec.decode(bytes(buffer[:total]), layout_length)[0])


def test_shapes_that_came_before_are_right_after_text_and_after_many_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(codec, "MOST_KNOWN", 4)
    buffer = memoryview(bytearray(1024))
    writer, reader = codec.Writer(buffer), codec.Reader(buffer)
    for size in (1, 2, 3, 1, 4, 5, 6, 7, 1, 1):
        writer.put_text("another layout")
        message = np.arange(size) + size
        assert same(message, reader.get(writer.put([message])[0])[0])


@pytest.mark.parametrize(
    "value", [None, object(), {"a": [object()]}, [[1], [1, 2]], {3: np.zeros(2)}, np.datetime64("now")]
)
def test_what_is_no_array_of_numbers_or_text_does_not_cross(value: Any) -> None:
    with pytest.raises((codec.CodecError, ValueError)):
        codec.Writer(memoryview(bytearray(1024))).put([value])


def test_what_does_not_fit_is_refused_and_the_next_message_is_fine() -> None:
    writer = codec.Writer(memoryview(bytearray(1024)))
    with pytest.raises(codec.CodecError, match="do not fit"):
        writer.put([np.zeros(2000, np.uint8)])
    assert writer.put([np.zeros(3, np.uint8)])[1] < 1024


@pytest.mark.parametrize(
    "layout",
    [
        b"",
        b"{",
        b'[[[null,"|O8",[1]]]]',
        b'[[[null,"<f8",[-1]]]]',
        b'[[[null,"<f8",[1e3]]]]',
        b'[[[null,"<f8",[99999999999]]]]',
        b'[[[null,"<V8",[1]]]]',
        b'[[[1,"<f8",[1]]]]',
        b"[" * 100_000,
        b"null",
        b'[[[null,"<f8",[0,99999999999999999999]]]]',
    ],
)
def test_a_layout_that_lies_is_refused(layout: bytes) -> None:
    with pytest.raises(codec.CodecError):
        codec.decode(layout + bytes(64), len(layout))


@given(st.binary(max_size=300), st.integers(-5, 400))
def test_random_bytes_never_do_worse_than_a_codec_error(body: bytes, layout_length: int) -> None:
    try:
        items = codec.decode(body, layout_length)
    except codec.CodecError:
        return
    arrays = [array for item in items for array in (item.values() if isinstance(item, dict) else [item])]
    assert all(isinstance(array, np.ndarray) and array.nbytes <= len(body) for array in arrays)
