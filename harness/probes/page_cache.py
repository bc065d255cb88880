"""How much of files lies in the page cache, by mincore(2): whether who reads them next is warm or cold."""

from __future__ import annotations

import ctypes
import mmap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

_LIBRARY = ctypes.CDLL(None, use_errno=True)


def share(folders: Iterable[Path]) -> float | None:
    """Share of the bytes beneath the folders that is cached; None where there are none or nobody can tell."""
    cached = pages = 0
    for path in (path for folder in folders for path in sorted(folder.rglob("*"))):
        if path.is_file() and not path.is_symlink() and path.stat().st_size:
            try:
                found = _pages(path)
            except OSError:  # a contestant's file may be closed to us
                return None
            cached, pages = cached + int(found.sum()), pages + len(found)
    return cached / pages if pages else None


def _pages(path: Path) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which pages of a file are cached (pages,)."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = np.frombuffer(mapped, np.uint8)
        found = np.zeros(-(-len(view) // mmap.PAGESIZE), np.uint8)
        failed = _LIBRARY.mincore(
            ctypes.c_void_p(view.ctypes.data), ctypes.c_size_t(len(view)), ctypes.c_void_p(found.ctypes.data)
        )
        del view
    if failed:
        raise OSError(ctypes.get_errno(), f"mincore of {path.name}")
    return (found & 1).astype(bool)
