"""Pictures on disk: what contestants may read and what only the harness reads.

public/pool.npz        images uint8 (p, h, w, c), shuffled; no labels
public/about.json      shape, classes, and the budget of a training: optimiser steps and seconds
private/hidden.npz     pool_labels (p,), test_images uint8 (t, h, w, c), test_labels (t,), int64
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.npz import read_prepared
from harness.spec.errors import BadData

if TYPE_CHECKING:
    from harness.spec import Array

CLASSES = 10
LEAST_SIDE = 4


@dataclass(frozen=True)
class Budget:
    """What a training may take: optimiser steps, and seconds on the harness's clock."""

    steps: int
    seconds: int


BUDGETS = {
    "digits": Budget(steps=200, seconds=120),
    "cifar10_subset": Budget(steps=500, seconds=600),
    "cifar10": Budget(steps=20_000, seconds=14_400),
}


@dataclass(frozen=True, eq=False)
class Pictures:
    """A labelled pool and a labelled test set: uint8 (n, h, w, c), and int64 labels (n,) in 0..9."""

    pool: Array
    pool_labels: Array
    test: Array
    test_labels: Array


def write(folder: Path, pictures: Pictures, variant: str) -> None:
    """Split pictures into ``folder/public`` and ``folder/private``; the order of the pool is random.

    Raises BadData as ``check`` does.
    """
    check(pictures)
    order = np.random.default_rng(len(pictures.pool)).permutation(len(pictures.pool))
    np.savez(folder / "public" / "pool.npz", images=pictures.pool[order])
    about = {"shape": pictures.pool.shape[1:], "classes": CLASSES, **asdict(BUDGETS[variant])}
    (folder / "public" / "about.json").write_text(json.dumps(about))
    np.savez(
        folder / "private" / "hidden.npz",
        pool_labels=pictures.pool_labels[order],
        test_images=pictures.test,
        test_labels=pictures.test_labels,
    )


def read(public: Path, private: Path) -> Pictures:
    """Read back what ``write`` wrote."""
    pool, hidden = read_prepared(public / "pool.npz"), read_prepared(private / "hidden.npz")
    return Pictures(pool["images"], hidden["pool_labels"], hidden["test_images"], hidden["test_labels"])


def budget(public: Path) -> Budget:
    """Return what a training on this data may take."""
    about = json.loads((public / "about.json").read_text())
    return Budget(about["steps"], about["seconds"])


def check(pictures: Pictures) -> None:
    """Raise BadData unless pool and test are uint8 pictures of one shape, each with a label in 0..9."""
    for what, images, labels in (
        ("train", pictures.pool, pictures.pool_labels),
        ("test", pictures.test, pictures.test_labels),
    ):
        if images.dtype != np.uint8 or images.ndim != 4:
            raise BadData(f"{what}_x is {images.dtype} {images.shape}; it must be uint8 (n, h, w, c)")
        if min(images.shape[1:3]) < LEAST_SIDE or images.shape[3] not in {1, 3}:
            raise BadData(
                f"{what}_x has images {images.shape[1:]}; they need at least {LEAST_SIDE} pixels on each "
                "side and 1 or 3 colours"
            )
        if images.shape[1:] != pictures.pool.shape[1:]:
            raise BadData(f"{what}_x has images {images.shape[1:]}, train_x {pictures.pool.shape[1:]}")
        if labels.shape != (len(images),):
            raise BadData(f"{what}_y has shape {labels.shape}; {len(images)} images need ({len(images)},)")
        if set(np.unique(labels).tolist()) != set(range(CLASSES)):
            raise BadData(f"{what}_y must hold the labels 0 to {CLASSES - 1}, each at least once")
