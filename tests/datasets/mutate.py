"""Damage files at random: flipped bytes, cuts, copies, and numbers that are too large or none."""

from __future__ import annotations

import random
import re

_NUMBER = re.compile(rb"-?\d+(\.\d+)?")
_WORDS = (b"", b"-1", b"0", b"1e999", b"NaN", b"null", b"9" * 40, b"[]", b'"', b"\xff\xfe", b"\0", b"[" * 500)


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return ``data`` with one to four changes."""
    for _ in range(rng.randint(1, 4)):
        data = rng.choice(_CHANGES)(data, rng)
    return data


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _drop(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randrange(200) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start : start + rng.randrange(500)] * rng.randint(2, 4) + data[start:]


def _number(data: bytes, rng: random.Random) -> bytes:
    numbers = list(_NUMBER.finditer(data))
    if not numbers:
        return _flip(data, rng)
    chosen = rng.choice(numbers)
    return data[: chosen.start()] + rng.choice(_WORDS) + data[chosen.end() :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data) + 1)
    return data[:start] + rng.choice(_WORDS) + data[start:]


_CHANGES = (_flip, _flip, _cut, _drop, _repeat, _number, _number, _insert)
