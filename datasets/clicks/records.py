"""Encode a table as TFRecord, one tf.train.Example per row, straight from its columns.

Every row of a table has the same layout when ids are written as varints of one length (a varint may
carry leading zero groups; every protobuf parser reads them), so a block of rows is a matrix of bytes and
a column is a slice of it. The checksum is linear over GF(2): that of a row is that of the blank row
xor one table entry for each byte that differs.

TFRecord: https://www.tensorflow.org/tutorials/load_data/tfrecord; example.proto and feature.proto beside it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from datasets.clicks.schema import LABEL, Chunk, Schema

if TYPE_CHECKING:
    from harness.spec import Array

BLOCK = 4096
_POLYNOMIAL = 0x82F63B78  # CRC-32C (Castagnoli), reflected
_MASK = 0xA282EAD8


def _crc_table() -> Array:
    table: Array = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = (table >> 1) ^ np.where(table & 1, np.uint32(_POLYNOMIAL), np.uint32(0))
    return table


_TABLE = _crc_table()


def crc32c(data: bytes) -> int:
    """Return the CRC-32C of some bytes (RFC 3720, appendix B.4)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = int(_TABLE[(crc ^ byte) & 0xFF]) ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def masked(crc: Array) -> Array:
    """Return TFRecord's masked checksum: uint32, rotated right by 15 and shifted by a constant."""
    crc = crc.astype(np.uint32)
    turned: Array = ((crc >> 15) | (crc << 17)) + np.uint32(_MASK)
    return turned


class Encoder:
    """Encode chunks of one schema as the bytes of a TFRecord file."""

    def __init__(self, schema: Schema) -> None:
        largest = max((column.vocabulary for column in schema.categorical), default=1)
        self._id_bytes = max(1, -(-int(largest - 1).bit_length() // 7))
        self._schema = schema
        body, self._label, self._numbers, self._ids = self._blank()
        head = struct.pack("<Q", len(body))
        check = masked(np.array([crc32c(head)])).astype("<u4").tobytes()
        self._row = np.frombuffer(head + check + body + b"\0\0\0\0", np.uint8)
        self._start, self._end = 12, 12 + len(body)
        offsets = [self._label, *(p + i for p in self._numbers for i in range(4))]
        offsets += [p + i for p in self._ids for i in range(self._id_bytes)]
        self._offsets = np.array(offsets)
        self._blank_crc = np.uint32(crc32c(bytes(body)))
        blank = self._row[self._offsets]
        self._shares = _shares(len(body), self._offsets - self._start, blank)

    @property
    def row_bytes(self) -> int:
        """How many bytes a row has, framing included."""
        return len(self._row)

    def encode(self, chunk: Chunk) -> Iterator[memoryview]:
        """Yield the rows in blocks of bytes; each block is overwritten by the next."""
        matrix = np.tile(self._row, (min(BLOCK, len(chunk)), 1))
        for start in range(0, len(chunk), BLOCK):
            part = chunk.take(slice(start, start + BLOCK))
            rows = matrix[: len(part)]
            self._fill(rows, part)
            yield rows.data.cast("B")

    def _fill(self, rows: Array, chunk: Chunk) -> None:
        rows[:, self._label] = chunk.label
        for offset, values in zip(self._numbers, chunk.numerical, strict=True):
            rows[:, offset : offset + 4] = values.astype("<f4")[:, None].view(np.uint8)
        last = self._id_bytes - 1
        for offset, ids in zip(self._ids, chunk.ids, strict=True):
            for byte in range(last):
                rows[:, offset + byte] = ((ids >> (7 * byte)) & 0x7F) | 0x80
            rows[:, offset + last] = ids >> (7 * last)
        crc = np.full(len(rows), self._blank_crc)
        for offset, share in zip(self._offsets, self._shares, strict=True):
            crc ^= share[rows[:, offset]]
        rows[:, self._end :] = masked(crc).astype("<u4")[:, None].view(np.uint8)

    def _blank(self) -> tuple[bytes, int, list[int], list[int]]:
        """Return a row of zeros, and the offsets of label, numbers and ids in the framed row."""
        zero_id = bytes([0x80] * (self._id_bytes - 1) + [0])
        features = [(LABEL, _message(3, _message(1, b"\0")), 1, 1)]
        features += [(name, _message(2, _message(1, bytes(4))), 1, 4) for name in self._schema.numerical]
        features += [
            (c.name, _message(3, _message(1, zero_id * c.width)), c.width, self._id_bytes)
            for c in self._schema.categorical
        ]
        entries, offsets = b"", []
        for name, feature, count, width in features:
            entries += _message(1, _message(1, name.encode()) + _message(2, feature))
            offsets += [[len(entries) - (count - i) * width for i in range(count)]]
        body = _message(1, entries)
        ahead = 12 + len(body) - len(entries)
        moved = [[ahead + offset for offset in column] for column in offsets]
        numbers = 1 + len(self._schema.numerical)
        flat = [offset for column in moved[numbers:] for offset in column]
        return body, moved[0][0], [column[0] for column in moved[1:numbers]], flat


def _message(field: int, payload: bytes) -> bytes:
    """Return one length-delimited field of a protobuf message."""
    length, size = b"", len(payload)
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([field << 3 | 2]) + length + bytes([size]) + payload


def _shares(length: int, offsets: Array, blank: Array) -> Array:
    """Return (offsets, 256): what each byte at each offset changes in the blank row's checksum."""
    by_distance = np.empty((length, 256), np.uint32)
    current = _TABLE.copy()
    for distance in range(length):
        by_distance[distance] = current
        current = _TABLE[current & 0xFF] ^ (current >> 8)
    differences = np.arange(256) ^ blank[:, None]
    shares: Array = by_distance[(length - 1 - offsets)[:, None], differences]
    return shares
