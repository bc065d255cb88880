"""What task ssl asks: blocks of pictures in which pool and test are mixed, and what may be answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Prepared, Query
from harness.spec.errors import InvalidSubmission

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

BLOCKS = 20
MOST_AT_ONCE = 1000
GATE_PICTURES = 1000
WIDEST = 4096
CLASSES = 10
SELF_REPORTED: Mapping[str, str] = {
    "steps": "optimiser steps so far",
    "images": "pictures seen in training so far",
    "parameters": "numbers that were trained",
}
"""What an entry may say of itself; nothing is ranked by it."""


@dataclass(frozen=True, eq=False)
class Block:
    """What a query asks about, picture by picture, in the order asked.

    ``place`` (m,) is the index among the pool's pictures or among the test's; ``kind`` (m,) says which:
    POOL, TEST, or MOVED for a second view of a test picture; ``labels`` (m,) int64. ``number`` is the
    block's own, and with ``secret`` its label draws. The block of the gate holds pictures of the pool
    alone: checkpoints answer it while training still goes on, when no test picture may be seen.
    """

    number: int
    secret: int
    place: Array
    kind: Array
    labels: Array

    @property
    def is_gate(self) -> bool:
        """Whether this is what checkpoints are asked."""
        return self.number == GATE


GATE = -1
POOL, TEST, MOVED = 0, 1, 2


def queries(prepared: Prepared) -> Sequence[Query]:
    """Blocks of pictures: a share of the test set, of the pool, and of the test set moved by a pixel.

    The data's hash decides which test picture is in which block and where, so all entries are asked alike.
    """
    from datasets.images import layout

    images = layout.read(prepared.public, prepared.private)
    secret = int(prepared.sha256[:16], 16)
    rng = np.random.default_rng(secret)
    count = max(BLOCKS, -(-(len(images.pool) + 2 * len(images.test)) // MOST_AT_ONCE))
    tests = np.array_split(rng.permutation(len(images.test)), count)
    pools = np.array_split(rng.permutation(len(images.pool)), count)
    made = []
    for number, (test, pool) in enumerate(zip(tests, pools, strict=True)):
        place = np.concatenate([pool, test, test])
        kind = np.repeat([POOL, TEST, MOVED], [len(pool), len(test), len(test)])
        order = rng.permutation(len(place))
        place, kind = place[order], kind[order]
        labels = np.where(
            kind == POOL,
            images.pool_labels[place % len(images.pool)],
            images.test_labels[place % len(images.test)],
        )
        block = Block(number, secret, place, kind, labels)
        name = f"block-{number:03}"
        made.append(Query(name, name, "public", partial(load, images.pool, images.test, block), block))
    place = rng.permutation(len(images.pool))[:GATE_PICTURES]
    gate = Block(GATE, secret, place, np.zeros_like(place), images.pool_labels[place])
    return [*made, Query("gate", "gate", "public", partial(load, images.pool, images.test, gate), gate)]


def load(pool: Array, test: Array, block: Block) -> Array:
    """The pictures of a block, uint8 (m, h, w, c), each with fresh noise of one or two grey levels.

    The noise is far below what a picture says, and keeps bytes from matching any published file.
    """
    rng = np.random.default_rng([block.secret, block.number + 1])
    stack = np.empty((len(block.place), *pool.shape[1:]), np.uint8)
    stack[block.kind == POOL] = pool[block.place[block.kind == POOL]]
    stack[block.kind == TEST] = test[block.place[block.kind == TEST]]
    moved = test[block.place[block.kind == MOVED]]
    stack[block.kind == MOVED] = np.pad(moved, ((0, 0), (0, 0), (1, 0), (0, 0)), "edge")[:, :, :-1]
    noise = rng.choice(np.array([-2, -1, 1, 2], np.int16), size=stack.shape)
    return np.asarray(np.clip(stack + noise, 0, 255), np.uint8)


def check(answer: Arrays, query: Query) -> Arrays:
    """Return ``embedding`` float32 (m, d), and what the entry says of itself, each one number.

    An answer is the embeddings alone, or a mapping with them and any of SELF_REPORTED.
    Raises InvalidSubmission.
    """
    return _checked(answer, query, "embedding", 1, WIDEST)


def check_scores(answer: Arrays, query: Query) -> Arrays:
    """The same for ``scores`` float32 (m, 10), one number a class, the largest wins."""
    return _checked(answer, query, "scores", CLASSES, CLASSES)


def _checked(answer: Arrays, query: Query, part: str, narrowest: int, widest: int) -> Arrays:
    parts = dict(answer) if isinstance(answer, Mapping) else {part: answer}
    rows = parts.pop(part, None)
    if rows is None or not parts.keys() <= SELF_REPORTED.keys():
        raise InvalidSubmission(f"{query.id}: an answer has '{part}' and at most {', '.join(SELF_REPORTED)}")
    for what, value in parts.items():
        if value.shape != () or value.dtype.kind not in "iu" or value < 0:
            raise InvalidSubmission(f"{query.id}: '{what}' must be one whole number")
    count = len(query.truth.place)
    if rows.ndim != 2 or rows.dtype.kind not in "fiu":
        raise InvalidSubmission(f"{query.id}: '{part}' must be one array of numbers with two axes")
    if len(rows) != count or not narrowest <= rows.shape[1] <= widest:
        width = str(widest) if narrowest == widest else f"1 to {widest}"
        raise InvalidSubmission(
            f"{query.id}: '{part}' has shape {rows.shape} for {count} pictures; must be ({count}, {width})"
        )
    with np.errstate(over="ignore"):
        narrow = rows.astype(np.float32)
    if not np.isfinite(narrow).all():
        raise InvalidSubmission(f"{query.id}: not all of '{part}' is finite")
    return {part: narrow, **parts}


def embedded(answer: Arrays) -> Array:
    """The embeddings of a checked answer; other arrays as they are."""
    return answer["embedding"] if isinstance(answer, Mapping) else answer


def gathered(blocks: Sequence[Block], answers: Sequence[Arrays], kind: int) -> tuple[Array, Array]:
    """All embeddings (n, d) of one kind of picture, in the order of its pictures, and labels (n,)."""
    chosen = [(block.kind == kind) & (not block.is_gate) for block in blocks]
    place = np.concatenate([block.place[mask] for block, mask in zip(blocks, chosen, strict=True)])
    rows = np.concatenate([embedded(a)[mask] for a, mask in zip(answers, chosen, strict=True)])
    labels = np.concatenate([block.labels[mask] for block, mask in zip(blocks, chosen, strict=True)])
    order = np.argsort(place)
    return rows[order], labels[order]
