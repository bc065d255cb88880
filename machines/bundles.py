"""Trusted work as it travels: a function of some items with the files they need, and signed results."""

from __future__ import annotations

import hashlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from harness.portable import Portable
from machines.archives import packed
from machines.code_version import code_version
from machines.parcels import Contents


@dataclass(frozen=True)
class Bundle:
    """A function of items for a machine. ``items`` are pickled; ``files`` are ids of archives they share.

    ``nonce`` makes every bundle a new one, so that older results cannot be sent again.
    """

    function: Callable[[Any], bytes]
    items: tuple[bytes, ...] = field(repr=False)
    files: tuple[str, ...]
    code_version: str
    nonce: bytes


@dataclass(frozen=True)
class Results:
    """What a machine sends back: the values of the first items, and the fault that kept it from the next one.

    ``fault`` is empty where all items were done. ``signature`` covers the nonce and everything else.
    """

    values: tuple[bytes, ...]
    fault: str
    signature: bytes

    @staticmethod
    def signed_bytes(nonce: bytes, values: Sequence[bytes], fault: str) -> bytes:
        """Return the bytes that are signed."""
        return b"".join(hashlib.sha256(part).digest() for part in (nonce, fault.encode(), *values))


def bundled(
    function: Callable[[Any], bytes], items: Sequence[object], nonce: bytes, most_bytes: int
) -> tuple[Bundle, Contents]:
    """Return a bundle of the first items, of about ``most_bytes`` at most, and the archives it names."""
    shared: dict[str, Sequence[Path]] = {}
    pickled: list[bytes] = []
    for item in items:
        if isinstance(item, Portable):
            shared |= item.shared()
        pickled.append(pickle.dumps(item.packed() if isinstance(item, Portable) else item))
        if sum(map(len, pickled)) >= most_bytes:
            break
    bundle = Bundle(function, tuple(pickled), tuple(shared), code_version(), nonce)
    return bundle, {name: partial(packed, tuple(paths)) for name, paths in shared.items()}
