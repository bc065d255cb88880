"""Independent random streams of one seed, of which none tells another one where the seed is a secret key."""

from __future__ import annotations

import hashlib

import numpy as np

from harness.spec.dataset import is_key


def stream(seed: int, *parts: int) -> list[int]:
    """Return the entropy of the stream ``parts`` of a seed, for NumPy's generators.

    NumPy's seeding can be inverted from what a generator puts out. Of a secret key only the hash with the
    stream's name is used, so that public data of one stream lead to no other stream.
    """
    if not is_key(seed):
        return [seed, *parts]
    named = ":".join(f"{part:x}" for part in (seed, *parts))
    return [int.from_bytes(hashlib.sha256(named.encode()).digest())]


def generators(seed: int, count: int) -> list[np.random.Generator]:
    """Return ``count`` generators, of independent streams where the seed is a key.

    Of an open seed they are one and the same: nothing has to be kept apart there.
    """
    if not is_key(seed):
        return [np.random.default_rng(seed)] * count
    return [np.random.default_rng(stream(seed, part)) for part in range(count)]
