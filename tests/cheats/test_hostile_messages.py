"""Whatever bytes come back, they become arrays that anyone may use, or an error with a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.host import codec

SIDES = st.integers(0, 5) | st.sampled_from([2**39, 2**40 - 1, 2**63, -1]) | st.none() | st.text(max_size=2)
ENTRY = st.tuples(
    st.none() | st.text(max_size=3) | st.integers(),
    st.sampled_from(["<f8", "|b1", "<U2", ">U1", "|S3", "<c8", "|O8", "<c3", "<V4", "f8"])
    | st.text(max_size=4),
    st.lists(SIDES, max_size=4),
)
LAYOUT = st.lists(st.lists(ENTRY, max_size=3) | st.integers(), max_size=3).map(json.dumps).map(str.encode)


@given(LAYOUT | st.binary(max_size=64), st.binary(max_size=256), st.integers(0, 2**32))
def test_any_bytes_decode_to_sound_arrays_or_are_refused(layout: bytes, body: bytes, odd: int) -> None:
    message = layout + bytes(-len(layout) % 64) + body
    length = odd if odd % 7 == 0 else len(layout)
    try:
        items = codec.decode(message, length)
    except codec.CodecError:
        return
    for item in items:
        named = item if isinstance(item, Mapping) else {"": item}
        for name, array in named.items():
            assert name.encode().decode() == name
            assert isinstance(array.tolist(), (list, int, float, complex, str, bytes, bool))
            assert array.dtype.kind in "biufcSU"


def test_truth_values_are_zero_or_one() -> None:
    layout = b'[[[null,"|b1",[4]]]]'
    message = layout + bytes(-len(layout) % 64) + bytes([0, 1, 2, 255])
    answer = codec.decode(message, len(layout))[0]
    assert np.asarray(answer).view(np.uint8).tolist() == [0, 1, 1, 1]


@pytest.mark.parametrize("dtype", ["<U2", ">U2"])
def test_text_holds_characters(dtype: str) -> None:
    layout = json.dumps([[[None, dtype, []]]]).encode()
    start = layout + bytes(-len(layout) % 64)
    with pytest.raises(codec.CodecError, match="not a character"):
        codec.decode(start + b"\xff" * 8, len(layout))
    good = np.array("aß", dtype)
    assert str(codec.decode(start + good.tobytes(), len(layout))[0]) == "aß"
