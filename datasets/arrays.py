"""Read the named arrays of a user's ``.npz`` file, which may be damaged or anything else."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

MOST_BYTES = 8_000_000_000
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, tokenize.TokenError, SyntaxError),
    *(ValueError, KeyError, TypeError, EOFError, OSError, OverflowError, NotImplementedError, RuntimeError),
)
"""What zipfile and NumPy raise for damaged files."""


def read_arrays(path: Path, names: Sequence[str]) -> dict[str, Array]:
    """Return the arrays of an ``.npz`` by name. Raises BadData if it lacks one or cannot be read."""
    try:
        _check_size(path)
        with np.load(path, allow_pickle=False) as arrays:
            if missing := [name for name in names if name not in arrays]:
                raise BadData(f"{path} lacks {', '.join(missing)}; it must hold {', '.join(names)}")
            return {name: arrays[name] for name in names}
    except _UNREADABLE as error:
        raise BadData(f"{path} cannot be read as an .npz: {' '.join(str(error).split())[:200]}") from None


def _check_size(path: Path) -> None:
    """Raise BadData where the arrays are larger than ``MOST_BYTES``, by the archive's own list."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    if size > MOST_BYTES:
        raise BadData(f"{path} unpacks to {size:,} bytes; at most {MOST_BYTES:,} fit")
