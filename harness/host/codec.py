"""Arrays to bytes and back, the same file on both sides of the sandbox. No pickle.

A message in a segment is a layout (JSON: one list an item, each of ``[name, dtype, shape]``)
followed by the arrays' bytes, each at the next multiple of 64. An item is one query or one answer:
an array (its only name is null) or a mapping of named arrays. Only dtypes without references exist.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Item: TypeAlias = "Array | Mapping[str, Array]"
Flat: TypeAlias = "list[tuple[str | None, Array]]"
Buffer: TypeAlias = "memoryview | bytes"

ALIGN = 64
MOST_ARRAYS = 64
LONGEST_LAYOUT = 1 << 20
LAST_CHARACTER = 0x10FFFF
MOST_KNOWN = 512
"""Layouts that a reader or a writer remembers before it forgets all of them."""

_DTYPE = re.compile(r"^[<>|][biufcSU][0-9]{1,6}$")


class CodecError(ValueError):
    """The bytes, or the value, are not a valid message."""


def arrays_of(item: Any) -> Flat:
    """Return the item's arrays as ``[(name or None, C-contiguous array)]``; refuses anything else."""
    pairs = item.items() if hasattr(item, "items") else [(None, item)]
    arrays: Flat = []
    for name, value in pairs:
        array = np.asarray(value, order="C")
        if array.dtype.kind not in "biufcSU" or not (name is None or isinstance(name, str)):
            what = f"'{name}'" if name is not None else "the value"
            raise CodecError(f"{what} is no array of numbers or text (dtype {array.dtype})")
        arrays.append((name, array))
    if len(arrays) > MOST_ARRAYS:
        raise CodecError(f"{len(arrays)} arrays in one mapping; at most {MOST_ARRAYS} fit")
    return arrays


def views(buffer: Buffer, layout: Layout) -> tuple[list[Flat], int]:
    """Return ``(items, end)``: views on the buffer for a parsed layout, and where the last one ends.

    ``items`` hold flat lists of ``(name, array)``. Raises CodecError where the layout does not fit.
    """
    offset = layout.start
    items: list[Flat] = []
    for item in layout.items:
        arrays: Flat = []
        for name, dtype, shape in item:
            offset = -(-offset // ALIGN) * ALIGN
            count = 1
            for side in shape:
                count *= side
            end = offset + count * dtype.itemsize
            if end > len(buffer):
                raise CodecError(f"{end} bytes do not fit into {len(buffer)}")
            flat = np.frombuffer(buffer, dtype, count, offset) if count else np.empty(0, dtype)
            arrays.append((name, flat.reshape(shape)))
            offset = end
        items.append(arrays)
    return items, offset


class Layout:
    """A parsed layout: its text, its items and where the first array may start."""

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.start = len(text)
        try:
            self.items = [[_entry(entry) for entry in item] for item in json.loads(text)]
        except (ValueError, TypeError, RecursionError) as error:
            raise CodecError(f"unreadable layout: {error}") from None

    @classmethod
    def of(cls, items: Sequence[Flat]) -> Layout:
        """Make the layout of flat items ``[[(name, array), ...], ...]``."""
        shapes = [[[name, array.dtype.str, array.shape] for name, array in item] for item in items]
        text = json.dumps(shapes, separators=(",", ":")).encode()
        if len(text) > LONGEST_LAYOUT:
            raise CodecError("too many arrays for one message")
        return cls(text)


def _entry(entry: Sequence[Any]) -> tuple[str | None, np.dtype[Any], tuple[int, ...]]:
    name, dtype, shape = entry
    if isinstance(name, str):
        name.encode()  # half a surrogate pair raises: names are written to files
    if not (name is None or isinstance(name, str)) or not _DTYPE.match(dtype):
        raise CodecError(f"a dtype that is not allowed: {dtype!r}"[:80])
    if len(shape) > 32 or not all(type(side) is int and 0 <= side < 1 << 40 for side in shape):
        raise CodecError("a shape is not a list of sizes")
    kind = np.dtype(dtype)
    if not kind.itemsize:
        raise CodecError("a dtype of no bytes")
    return name, kind, tuple(shape)


def unwrap(arrays: Flat) -> Item:
    """Turn a flat item back into what was handed in: an array or a mapping."""
    if len(arrays) == 1 and arrays[0][0] is None:
        return arrays[0][1]
    return {str(name): array for name, array in arrays}


def remember(known: dict[Any, Any], key: object, value: object) -> None:
    """Put a value into a table that never grows beyond MOST_KNOWN."""
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[key] = value


class Writer:
    """Writes messages into one buffer; a message of the same shape as the last is a plain copy.

    So is one unnamed array of a dtype and shape that came before.
    """

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._slots: list[dict[str | None, Array]] = []
        self._text = b""
        self._lengths = (0, 0)
        self._alone: dict[Any, tuple[Array, bytes, tuple[int, int]]] = {}  # slots of one unnamed array

    def put(self, items: Sequence[Any]) -> tuple[int, int]:
        """Write items (arrays or mappings); returns ``(layout length, total length)``.

        Raises CodecError where a value is no array of numbers or text, or does not fit.
        """
        if len(items) == 1 and type(items[0]) is np.ndarray:
            array = items[0]
            if known := self._alone.get((array.dtype, array.shape)):
                place, text, self._lengths = known
                if text is not self._text:
                    self._buffer[: len(text)] = self._text = text
                    self._slots = [{None: place}]
                place[...] = array
                return self._lengths
        if not self._copied(items):
            flat = [arrays_of(item) for item in items]
            layout = Layout.of(flat)
            slots, end = views(self._buffer, layout)
            self._slots = [dict(item) for item in slots]
            self._buffer[: layout.start] = self._text = layout.text
            self._lengths = layout.start, end
            if len(slots) == 1 and (slot := self._slots[0].get(None)) is not None:
                remember(self._alone, (slot.dtype, slot.shape), (slot, self._text, self._lengths))
            for item, places in zip(flat, self._slots, strict=True):
                for name, array in item:
                    places[name][...] = array
        return self._lengths

    def _copied(self, items: Sequence[Any]) -> bool:
        """The fast path: copy straight away while every array has the shape of the last message."""
        if len(items) != len(self._slots):
            return False
        for item, places in zip(items, self._slots, strict=True):
            named = {None: item} if type(item) is np.ndarray else item
            if type(named) is not dict or named.keys() != places.keys():
                return False
            for name, value in named.items():
                slot = places[name]
                if type(value) is not np.ndarray or value.dtype != slot.dtype or value.shape != slot.shape:
                    return False
                slot[...] = value
        return True

    def put_text(self, text: str) -> tuple[int, int]:
        """Write plain UTF-8 text, cut to what fits; returns ``(0, length)``."""
        data = text.encode("utf-8", "replace")[: len(self._buffer)]
        self._buffer[: len(data)] = data
        self._slots, self._text = [], b""
        return 0, len(data)


class Reader:
    """Reads messages from one buffer in place; the arrays are views that the next message changes."""

    def __init__(self, buffer: memoryview) -> None:
        self._buffer = buffer
        self._known: dict[bytes, list[Flat]] = {}  # views by layout

    def get(self, layout_length: int) -> list[Item]:
        """Return the items of the message in the buffer."""
        text = bytes(self._buffer[:layout_length])
        items = self._known.get(text)
        if items is None:
            items, _ = views(self._buffer, Layout(text))
            remember(self._known, text, items)
        return [unwrap(item) for item in items]

    def text(self, length: int) -> str:
        """Return the text in the buffer."""
        return bytes(self._buffer[:length]).decode()


def decode(body: bytes, layout_length: int) -> list[Item]:
    """Return the items of a message held as immutable bytes. Raises CodecError if it is none."""
    if not 0 < layout_length <= min(len(body), LONGEST_LAYOUT):
        raise CodecError(f"a layout of {layout_length} bytes in a message of {len(body)}")
    try:
        flat, _ = views(body, Layout(body[:layout_length]))
    except ValueError as error:  # also NumPy's own, for shapes that no memory could hold
        raise CodecError(str(error)) from None
    return [unwrap([(name, _sound(array)) for name, array in item]) for item in flat]


def _sound(array: Array) -> Array:
    """Repair truth values other than 0 and 1, and refuse text beyond Unicode."""
    if array.dtype.kind == "b":
        return np.asarray(array.view(np.uint8) != 0)
    if array.dtype.kind == "U" and array.size:
        characters = array.reshape(-1).view(np.dtype(np.uint32).newbyteorder(array.dtype.byteorder))
        if characters.max() > LAST_CHARACTER:
            raise CodecError("a text holds a number that is not a character")
    return array
