"""Classes on disk: the base classes that contestants train on, and those that the harness teaches.

public/base.npz        images uint8 (n, 28, 28), ink bright; labels (n,) int64 in 0..b-1
public/about.json      side, base (how many base classes), variant
private/hidden.npz     the arrays of ``Hidden``
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.npz import read_prepared
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

SIDE = 28


@dataclass(frozen=True, eq=False)
class Hidden:
    """What is asked and taught, all uint8 pictures of side 28.

    ``old`` (b, o, ...): o pictures of each base class. ``taught`` (e, n, s, ...): of e episodes with n new
    classes each, s examples a class; ``asked`` (e, n, q, ...): q other pictures of the same classes.
    ``extra`` (x, ...): one picture of each of x further classes.
    """

    old: Array
    taught: Array
    asked: Array
    extra: Array


@dataclass(frozen=True, eq=False)
class Classes:
    """Base classes (b, n, 28, 28), n training pictures each, and the hidden pictures."""

    base: Array
    hidden: Hidden


def write(folder: Path, classes: Classes, variant: str) -> None:
    """Write classes into ``folder/public`` and ``folder/private``. Raises BadData as ``check`` does."""
    check(classes)
    count, each = classes.base.shape[:2]
    images, labels = classes.base.reshape(-1, SIDE, SIDE), np.repeat(np.arange(count), each)
    np.savez_compressed(folder / "public" / "base.npz", images=images, labels=labels)
    about = {"side": SIDE, "base": count, "variant": variant}
    (folder / "public" / "about.json").write_text(json.dumps(about))
    hidden = classes.hidden
    np.savez_compressed(
        folder / "private" / "hidden.npz",
        old=hidden.old,
        taught=hidden.taught,
        asked=hidden.asked,
        extra=hidden.extra,
    )


def read(private: Path) -> Hidden:
    """Read the hidden pictures back."""
    held = read_prepared(private / "hidden.npz")
    return Hidden(held["old"], held["taught"], held["asked"], held["extra"])


def check(classes: Classes) -> None:
    """Raise BadData unless every class has a picture to learn from and one to be asked about."""
    hidden = classes.hidden
    if classes.base.shape[0] < 2 or hidden.taught.shape[0] < 1:
        raise BadData(
            f"{len(classes.base)} base classes and {len(hidden.taught)} episodes; "
            "at least 2 and 1 are needed: add folders of pictures"
        )
    for name, pictures in (("old", hidden.old), ("taught", hidden.taught), ("asked", hidden.asked)):
        if 0 in pictures.shape:
            raise BadData(
                f"a class has no '{name}' pictures; each needs examples and others to be asked about"
            )
