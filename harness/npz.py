"""Read ``.npz`` files that may be damaged, cut off, or anything else."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.files import plain_file
from harness.spec.errors import BadData, UnreadableRecord

if TYPE_CHECKING:
    from harness.spec import Array

MOST_BYTES = 8_000_000_000
"""Of all arrays of one file together, by the file's own list."""
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError, SyntaxError, MemoryError),
    *(ValueError, KeyError, TypeError, EOFError, OSError, OverflowError, NotImplementedError, RuntimeError),
)
"""What zipfile and NumPy raise for damaged files."""


def read_npz(path: Path, names: Sequence[str] = ()) -> dict[str, Array]:
    """Return the arrays of a file by name, or those of ``names``.

    Raises BadData, which names the file, where it lacks one of them, cannot be read, or is too large.
    """
    try:
        _check_size(path)
        with np.load(path, allow_pickle=False) as arrays:
            if missing := [name for name in names if name not in arrays]:
                raise BadData(f"{path} lacks {', '.join(missing)}; it must hold {', '.join(names)}")
            return {name: arrays[name] for name in names or arrays.files}
    except _UNREADABLE as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise BadData(f"{path} cannot be read as an .npz: {reason}") from None


def read_recorded(path: Path) -> dict[str, Array]:
    """Return the arrays of a file beside a record. Raises UnreadableRecord where it is damaged."""
    try:
        return read_npz(path)
    except BadData as error:
        raise UnreadableRecord(f"{error}; {UnreadableRecord.cure}") from None


def read_prepared(path: Path, names: Sequence[str] = ()) -> dict[str, Array]:
    """Return the arrays of a file of prepared data. Raises BadData where it was damaged since it was made."""
    try:
        return read_npz(path, names)
    except BadData as error:
        folder = path.parent.parent
        raise BadData(f"{error}; remove {folder} and run again: the data are made anew") from None


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(plain_file(path)) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > MOST_BYTES:
        raise BadData(f"{path} unpacks to {size:,} bytes; at most {MOST_BYTES:,} fit")
