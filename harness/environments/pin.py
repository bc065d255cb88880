"""One package as a lock file names it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Pin:
    """A package by its normalized name, its exact version and the SHA-256 of every file that is meant."""

    name: str
    version: str
    hashes: frozenset[str]
