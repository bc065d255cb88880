"""What an encoder learns from pictures without labels, weighed by a probe that the harness trains.

After TensorFlow Similarity's self-supervised release (2022): SimCLR, SimSiam, Barlow Twins, VICReg.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from datasets.images import images
from harness.errors import InvalidSubmission
from harness.spec import Figures, Limits, Metric, Prepared, Query, Replicates, Task

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

LABELS = (1, 10, 50, None)
"""Labels a class that the probe is given; None: all of the pool's."""
BLOCKS = 20
MOST_AT_ONCE = 1000
WIDEST = 4096
CLASSES = 10


@dataclass(frozen=True, eq=False)
class Block:
    """What a query asks about, picture by picture, in the order asked.

    ``place`` (m,) is the index among the pool's pictures or among the test's; ``kind`` (m,) says which:
    POOL, TEST, or MOVED for a second view of a test picture; ``labels`` (m,) int64. ``number`` is the
    block's own, and with ``secret`` its label draws.
    """

    number: int
    secret: int
    place: Array
    kind: Array
    labels: Array


POOL, TEST, MOVED = 0, 1, 2


def queries(prepared: Prepared) -> Sequence[Query]:
    """Blocks of pictures: a share of the test set, of the pool, and of the test set moved by a pixel.

    The data's hash decides which test picture is in which block and where, so all entries are asked alike.
    """
    from datasets.images import layout

    held = layout.read(prepared.public, prepared.private)
    secret = int(prepared.sha256[:16], 16)
    chance = np.random.default_rng(secret)
    count = max(BLOCKS, -(-(len(held.pool) + 2 * len(held.test)) // MOST_AT_ONCE))
    tests = np.array_split(chance.permutation(len(held.test)), count)
    pools = np.array_split(chance.permutation(len(held.pool)), count)
    made = []
    for number, (test, pool) in enumerate(zip(tests, pools, strict=True)):
        place = np.concatenate([pool, test, test])
        kind = np.repeat([POOL, TEST, MOVED], [len(pool), len(test), len(test)])
        order = chance.permutation(len(place))
        place, kind = place[order], kind[order]
        labels = np.where(
            kind == POOL, held.pool_labels[place % len(held.pool)], held.test_labels[place % len(held.test)]
        )
        block = Block(number, secret, place, kind, labels)
        name = f"block-{number:03}"
        made.append(Query(name, name, "public", partial(load, held.pool, held.test, block), block))
    return made


def load(pool: Array, test: Array, block: Block) -> Array:
    """The pictures of a block, uint8 (m, h, w, c), each with fresh noise of one or two grey levels.

    The noise is far below what a picture says, and keeps bytes from matching any published file.
    """
    chance = np.random.default_rng([block.secret, block.number])
    stack = np.empty((len(block.place), *pool.shape[1:]), np.uint8)
    stack[block.kind == POOL] = pool[block.place[block.kind == POOL]]
    stack[block.kind == TEST] = test[block.place[block.kind == TEST]]
    moved = test[block.place[block.kind == MOVED]]
    stack[block.kind == MOVED] = np.pad(moved, ((0, 0), (0, 0), (1, 0), (0, 0)), "edge")[:, :, :-1]
    noise = chance.choice(np.array([-2, -1, 1, 2], np.int16), size=stack.shape)
    return np.asarray(np.clip(stack + noise, 0, 255), np.uint8)


def check(answer: Arrays, query: Query) -> Arrays:
    """Return the embeddings as float32 (m, d). Raises InvalidSubmission for anything else."""
    count = len(query.truth.place)
    if isinstance(answer, Mapping) or answer.ndim != 2 or answer.dtype.kind not in "fiu":
        raise InvalidSubmission(f"{query.id}: the answer must be one array of numbers ({count}, d)")
    if len(answer) != count or not 1 <= answer.shape[1] <= WIDEST:
        raise InvalidSubmission(
            f"{query.id}: embeddings {answer.shape} to {count} pictures; they must be ({count}, d) "
            f"with d up to {WIDEST:,}"
        )
    with np.errstate(over="ignore"):
        narrow = answer.astype(np.float32)
    if not np.isfinite(narrow).all():
        raise InvalidSubmission(f"{query.id}: the embeddings are not all finite")
    return narrow


def together(asked: Sequence[Query], answers: Sequence[Arrays]) -> Sequence[Arrays]:
    """Labels that the probe and the neighbours give the test pictures of each block, by method and draw.

    Every block has label draws of its own: blocks are independent in pictures and in draws, so resampling
    blocks gives intervals that hold for other pictures and other draws alike.
    """
    from tasks.metrics import embedding

    blocks = [query.truth for query in asked]
    pool, labels = gathered(blocks, answers, POOL)
    (flat,) = embedding.standardise(pool)
    everything = embedding.fit_probe(flat, labels, CLASSES)
    told = []
    for block, answer in zip(blocks, answers, strict=True):
        test = np.asarray(answer)[block.kind == TEST]
        flat, test_flat = embedding.standardise(pool, test)
        found: dict[str, Array] = {}
        for count in LABELS:
            chance = np.random.default_rng([block.secret, block.number, count or 0])
            draw = embedding.label_draw(labels, count, chance)
            fitted = everything if count is None else embedding.fit_probe(flat[draw], labels[draw], CLASSES)
            found[f"probe_{named(count)}"] = embedding.predict(fitted, test_flat)
            found[f"knn_{named(count)}"] = embedding.nearest(pool[draw], labels[draw], test, CLASSES)
        told.append(found)
    return told


def named(count: int | None) -> str:
    """How a number of labels a class is called in metrics."""
    return "all" if count is None else str(count)


def gathered(blocks: Sequence[Block], answers: Sequence[Arrays], kind: int) -> tuple[Array, Array]:
    """All embeddings (n, d) of one kind of picture, in the order of its pictures, and labels (n,)."""
    chosen = [block.kind == kind for block in blocks]
    place = np.concatenate([block.place[mask] for block, mask in zip(blocks, chosen, strict=True)])
    rows = np.concatenate([np.asarray(a)[mask] for a, mask in zip(answers, chosen, strict=True)])
    labels = np.concatenate([block.labels[mask] for block, mask in zip(blocks, chosen, strict=True)])
    order = np.argsort(place)
    return rows[order], labels[order]


def tally(told: Arrays, truth: Any) -> Mapping[str, Array | float]:
    """How many test pictures of a block each method got right, and how many there are."""
    assert isinstance(told, Mapping)
    labels = truth.labels[truth.kind == TEST]
    right = {method: float(np.sum(given == labels)) for method, given in told.items()}
    return {**right, "tested": float(len(labels))}


def aggregate(sums: Mapping[str, Array]) -> Mapping[str, Array]:
    """Accuracies in per cent."""
    return {method: 100 * right / sums["tested"] for method, right in sums.items() if method != "tested"}


def overall(answers: Sequence[Arrays], truths: Sequence[Any]) -> Mapping[str, float]:
    """How the first process's embedding fills its space, over at most 2,000 pictures of the pool."""
    from tasks.metrics import embedding

    pool, _ = gathered(truths, answers, POOL)
    test, _ = gathered(truths, answers, TEST)
    moved, _ = gathered(truths, answers, MOVED)
    return {
        "effective_rank": embedding.effective_rank(pool),
        "uniformity": embedding.uniformity(pool[:2000]),
        "alignment": embedding.alignment(test, moved),
        "width": float(pool.shape[1]),
    }


def remarks(found: Figures) -> Sequence[str]:
    """Name a collapsed encoder."""
    from tasks.metrics import embedding

    rank, width = found["effective_rank"][0], found["width"][0]
    sign = embedding.collapse(rank, int(width)) if rank is not None and width is not None else None
    return [sign] if sign else []


def pictures(asked: Sequence[Query], answers: Sequence[Arrays], found: Figures) -> Mapping[str, bytes]:
    """Accuracy against labels, a map of the embedding, and nearest neighbours."""
    from tasks.metrics import embedding_plots

    blocks = [query.truth for query in asked]
    shown = [np.asarray(query.load()) for query in asked]
    test, labels = gathered(blocks, answers, TEST)
    faces, _ = gathered(blocks, shown, TEST)
    return {
        "accuracy_by_labels.png": embedding_plots.accuracy(found, [named(count) for count in LABELS]),
        "map.png": embedding_plots.map_of(test, labels),
        "neighbours.png": embedding_plots.neighbours(test, faces),
    }


def _accuracies() -> tuple[Metric, ...]:
    how = {
        "probe": "of a linear probe (logistic regression on standardised embeddings)",
        "knn": "of the 20 nearest neighbours in cosine",
    }
    each = [
        ("probe", 10),
        *((way, count) for way in how for count in LABELS if (way, count) != ("probe", 10)),
    ]
    return tuple(
        Metric(
            f"{way}_{named(count)}",
            "%",
            "max",
            f"{'kNN' if way == 'knn' else way} @ {named(count)}",
            f"accuracy {how[way]} with {named(count)} labels a class, on hidden pictures",
            digits=1,
        )
        for way, count in each
    )


task = Task(
    name="ssl",
    version=1,
    title="Self-supervised pictures",
    description=(
        "Train an encoder in build(context) on public/pool.npz, pictures without labels, within the steps "
        "and seconds of public/about.json. model(images), uint8 (m, h, w, c), answers with one embedding a "
        "picture, an array (m, d). The harness trains a linear probe on 1, 10, 50 and all labels a class."
    ),
    dataset=images,
    queries=queries,
    check=check,
    tally=tally,
    aggregate=aggregate,
    together=together,
    overall=overall,
    remarks=remarks,
    pictures=pictures,
    metrics=(
        *_accuracies(),
        Metric("effective_rank", "", "max", "rank", "Roy and Vetterli (2007)", interval=False, digits=1),
        Metric("uniformity", "", "min", "uniformity", "Wang and Isola (2020); 0: collapsed", interval=False),
        Metric("alignment", "", "min", "alignment", "of pictures moved by a pixel; 0: alike", interval=False),
        Metric("width", "", "min", "width", "numbers an embedding has", interval=False, digits=0),
    ),
    reference="raw_pixels",
    share=False,
    limits=Limits(
        build_s=14_400, query_s=120, run_s=18_000, memory_mb=6144, query_mb=32, answer_mb=32, submission_mb=64
    ),
    replicates=Replicates(ranked=3, quick=1),
    profiles=("cpu", "gpu"),
    watched=False,
)
