"""What of files lies in the page cache, by mincore(2): whether the next read is warm or cold."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

WARMED_SHARE = 4
"""Folders larger than one part in so many of the memory are not read into the cache: they would not stay."""
_PIECE = 1 << 22
_LIBRARY = ctypes.CDLL(None, use_errno=True)


def share(folders: Iterable[Path]) -> float | None:
    """Return the share of the bytes below folders that is cached; None where it is unknown."""
    cached = pages = 0
    for path in _files(folders):
        try:
            resident = _pages(path)
        except OSError:  # a submission's file may be closed to us
            return None
        cached, pages = cached + int(resident.sum()), pages + len(resident)
    return cached / pages if pages else None


def warm(folders: Iterable[Path]) -> None:
    """Read into the cache what of folders (or single files) is not there, unless it would not fit."""
    files = list(_files(folders))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if sum(path.stat().st_size for path in files) > memory / WARMED_SHARE:
        return
    for path in files:
        with suppress(OSError):
            if not _pages(path).all():
                with path.open("rb", buffering=0) as file:
                    while file.read(_PIECE):
                        pass


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    """Yield every file with content; a folder may be a file itself."""
    for folder in folders:
        for path in sorted(folder.rglob("*")) if folder.is_dir() else [folder]:
            if path.is_file() and not path.is_symlink() and path.stat().st_size:
                yield path


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
