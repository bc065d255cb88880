"""The share of files that lies in the page cache, by mincore(2): whether the next read is warm or cold."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

_LIBRARY = ctypes.CDLL(None, use_errno=True)


def share(folders: Iterable[Path]) -> float | None:
    """Return the share of the bytes below folders that is cached; None where it is unknown."""
    cached = pages = 0
    for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
        if path.is_file() and not path.is_symlink() and path.stat().st_size:
            try:
                resident = _pages(path)
            except OSError:  # a submission's file may be closed to us
                return None
            cached, pages = cached + int(resident.sum()), pages + len(resident)
    return cached / pages if pages else None


def _pages(path: Path) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which pages of a file are cached (pages,)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = np.frombuffer(mapped, np.uint8)
        resident = np.zeros(-(-len(view) // mmap.PAGESIZE), np.uint8)
        failed = _LIBRARY.mincore(
            ctypes.c_void_p(view.ctypes.data),
            ctypes.c_size_t(len(view)),
            ctypes.c_void_p(resident.ctypes.data),
        )
        del view
    if failed:
        raise OSError(ctypes.get_errno(), f"mincore of {path.name}")
    return (resident & 1).astype(bool)
