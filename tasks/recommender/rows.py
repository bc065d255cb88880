"""What task recommender asks: blocks of hidden rows, pairs of canary rows, and single rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Prepared, Query
from harness.spec.errors import InvalidSubmission
from tasks.metrics import ranking

if TYPE_CHECKING:
    from harness.spec import Array, Arrays, Row

BLOCK = 1024
SINGLES = 320
"""Rows asked one by one: a little more than the 299 that a bound on the 99th percentile needs."""
PROBED = 16
"""Blocks of hidden rows that a checkpoint is asked."""


@dataclass(frozen=True)
class Truth:
    """What is known of the rows of a query: labels (n,), and of canaries' rows which ``pair`` (n,) they

    belong to (-1: none) and on which ``side`` (n,): 1 holds the canary. ``chance`` (n,) is the true
    probability of a click, nan where it is unknown.
    """

    label: Array
    pair: Array
    side: Array
    chance: Array

    @property
    def scored(self) -> Array:
        """Which rows count for quality (n,)."""
        scored: Array = self.pair < 0
        return scored


def queries(prepared: Prepared) -> Sequence[Query]:
    """Blocks of hidden rows, then blocks of canaries' pairs among hidden rows, then single rows."""
    from datasets.clicks import store

    rows, chance = store.read_hidden(prepared.private)
    no_pair = np.full(len(rows), -1)
    unknown = np.full(len(rows), np.nan)
    singles = min(SINGLES, len(rows) // 4)
    plain = Truth(rows.label, no_pair, no_pair, unknown if chance is None else chance)
    inputs = {"numerical": rows.numerical.T, "categorical": rows.ids.T}
    made = _blocks("hidden", inputs, plain, np.arange(singles, len(rows)), BLOCK)
    if probes := store.read_probes(prepared.private):
        made += _canaries(probes)
    return made + _blocks("single", inputs, plain, np.arange(singles), 1, cluster="single")


def _canaries(probes: Mapping[str, Array]) -> list[Query]:
    """Both rows of every pair, shuffled, so that no row shows which other it belongs to."""
    count = len(probes["label"])
    pair, side = np.tile(np.arange(count), 2), np.repeat([0, 1], count)
    inputs = {
        "numerical": np.tile(probes["numerical"].T, (2, 1)),
        "categorical": np.concatenate(list(probes["ids"]), axis=1).T,
    }
    order = np.random.default_rng(0).permutation(2 * count)
    truth = Truth(np.tile(probes["label"], 2), pair, side, np.full(2 * count, np.nan))
    return _blocks("canary", inputs, truth, order, BLOCK)


def _blocks(
    name: str, inputs: Mapping[str, Array], truth: Truth, order: Array, size: int, cluster: str = ""
) -> list[Query]:
    made = []
    for start in range(0, len(order), size):
        rows = order[start : start + size]
        x = {part: np.ascontiguousarray(values[rows]) for part, values in inputs.items()}
        known = Truth(truth.label[rows], truth.pair[rows], truth.side[rows], truth.chance[rows])
        identity = f"{name}-{start // size:05}"
        made.append(Query(identity, cluster or identity, "public", partial(dict, x), known))
    return made


def check(answer: Arrays, query: Query) -> Arrays:
    """Probabilities (n,) float32, one a row; raises InvalidSubmission for anything else."""
    count = len(query.truth.label)
    if isinstance(answer, Mapping):
        raise InvalidSubmission("an answer is one array of probabilities, not a mapping")
    if answer.dtype.kind not in "fiu" or answer.size != count:
        raise InvalidSubmission(f"{count} probabilities were asked for; {answer.dtype} {answer.shape} came")
    values = answer.reshape(count).astype(np.float32)
    if not np.isfinite(values).all():
        raise InvalidSubmission(
            f"{int((~np.isfinite(values)).sum())} of {count} probabilities are not finite"
        )
    if values.min() < 0 or values.max() > 1:
        raise InvalidSubmission(f"a probability is {values.min() if values.min() < 0 else values.max():.4g}")
    return values


def tally(answer: Arrays, truth: Truth) -> Row:
    """Additive statistics of the rows that count for quality."""
    assert not isinstance(answer, Mapping)
    return ranking.tally(truth.label[truth.scored], answer[truth.scored])


def auc(answers: Sequence[Arrays], truths: Sequence[Truth]) -> float:
    """The exact AUC of all rows that count for quality."""
    scored = [truth.scored for truth in truths]
    label = np.concatenate([truth.label[rows] for truth, rows in zip(truths, scored, strict=True)])
    score = np.concatenate([np.asarray(answer)[rows] for answer, rows in zip(answers, scored, strict=True)])
    return ranking.auc(label, score)


def probe(asked: Sequence[Query]) -> Sequence[int]:
    """The blocks that checkpoints are scored on."""
    return [index for index, query in enumerate(asked) if query.id.startswith("hidden")][:PROBED]
