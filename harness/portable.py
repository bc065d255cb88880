"""Items of work that name files, made ready for the way to another machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

Shared = Mapping[str, Sequence[Path]]
"""Files and folders that many items need, by a name that holds their hash."""


@runtime_checkable
class Portable(Protocol):
    """An item that names files: those it shares with others, and its own."""

    def shared(self) -> Shared:
        """Return the files that it shares with other items."""
        ...

    def packed(self) -> Self:
        """Return the item with its own files inside it."""
        ...

    def at(self, home: Path, shared: Mapping[str, Path]) -> Self:
        """Return the item on a machine with this home, where ``shared`` are the folders of shared files."""
        ...


@dataclass(frozen=True)
class OwnFile:
    """A file of one item: at ``path``, or packed as ``content``."""

    path: Path
    content: bytes | None = field(default=None, repr=False)

    def packed(self) -> OwnFile:
        """Return the file with its bytes; one that is not there is returned as it is."""
        return replace(self, content=self.path.read_bytes()) if self.path.is_file() else self

    @contextmanager
    def here(self) -> Iterator[Path]:
        """Give the path of the file for the block."""
        if self.content is None:
            yield self.path
            return
        with tempfile.TemporaryDirectory(prefix="photofinish-") as folder:
            path = Path(folder) / self.path.name
            path.write_bytes(self.content)
            yield path
