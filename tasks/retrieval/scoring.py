"""Answers of task retrieval into rows: old and new pictures named right, by examples a class."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.spec.errors import InvalidSubmission
from tasks.retrieval.script import SHOTS

if TYPE_CHECKING:
    from harness.spec import Array, Arrays, Query


def most_bytes(query: Query) -> int:
    """Return the size of the scores of a query as 64-bit floats."""
    return int(len(query.truth.labels) * query.truth.known * 8)


def check(answer: Arrays, query: Query) -> Arrays:
    """Return the class ``named`` (m,) for each picture, ``within`` (m,) and a digest of old scores.

    Base classes and the episode's new classes compete for ``named``, the new ones alone for ``within`` (-1
    outside episodes). ``digest`` (32,) is the SHA-256 of the scores of base classes, bit by bit. Raises
    InvalidSubmission where an answer is not one finite score for each picture and each known class.
    """
    truth = query.truth
    shape = (len(truth.labels), truth.known)
    if isinstance(answer, Mapping) or answer.shape != shape or answer.dtype.kind != "f":
        found = "a mapping" if isinstance(answer, Mapping) else f"{answer.dtype} {answer.shape}"
        raise InvalidSubmission(f"{query.id}: the answer must be scores, floats {shape}; it is {found}")
    if not np.isfinite(answer).all():
        raise InvalidSubmission(f"{query.id}: a score is not finite")
    old = np.ascontiguousarray(answer[:, : truth.base])
    digest = np.frombuffer(hashlib.sha256(old.tobytes()).digest(), np.uint8)
    named, within = old.argmax(1), np.full(len(old), -1)
    if truth.new is not None:
        new = answer[:, truth.new]
        within = truth.new[new.argmax(1)]
        named = np.where(new.max(1) > old.max(1), within, named)
    return {"named": named, "within": within, "digest": digest}


def agree(one: Arrays, other: Arrays) -> bool:
    """Whether two answers name the same classes."""
    assert isinstance(one, Mapping) and isinstance(other, Mapping)
    return bool(np.array_equal(one["named"], other["named"]))


def tally(answer: Arrays, truth: Any) -> Mapping[str, Array | float]:
    """Count old and new pictures and how many were named right, for each number of examples."""
    assert isinstance(answer, Mapping)
    row: dict[str, Array | float] = {}
    right, old = answer["named"] == truth.labels, truth.labels < truth.base
    for shots in SHOTS:
        counts = float(truth.phase == "episode" and truth.shots == shots)
        row[f"old_right_{shots}"] = counts * float(right[old].sum())
        row[f"old_asked_{shots}"] = counts * float(old.sum())
        row[f"new_right_{shots}"] = counts * float(right[~old].sum())
        row[f"new_asked_{shots}"] = counts * float((~old).sum())
        row[f"way_right_{shots}"] = counts * float((answer["within"] == truth.labels)[~old].sum())
    return row


def share(part: str, shots: int, sums: Mapping[str, Array]) -> Array:
    """Return accuracy on ``old`` or ``new`` pictures, or on new ones among new classes alone (``way``)."""
    asked = sums[f"{'old' if part == 'old' else 'new'}_asked_{shots}"]
    right, none = sums[f"{part}_right_{shots}"], np.full(asked.shape, np.nan)
    return np.asarray(np.divide(right, asked, out=none, where=asked > 0))


def harmonic(shots: int, sums: Mapping[str, Array]) -> Array:
    """Return the harmonic mean of old and new accuracy."""
    old, new = share("old", shots, sums), share("new", shots, sums)
    return np.asarray(2 * old * new / np.maximum(old + new, 1e-12))
