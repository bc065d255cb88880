"""What people write beside a record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Annotation:
    """A note, tags in alphabetical order, and whether the record is taken off its board."""

    note: str = ""
    tags: tuple[str, ...] = ()
    archived: bool = False
