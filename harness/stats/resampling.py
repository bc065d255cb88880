"""The cluster bootstrap with common random numbers.

Every record on the same data draws the same resamples, so the difference of two records'
replicate vectors is their paired bootstrap: nothing but the vectors has to be kept.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from harness.stats.paired import effective_degrees

if TYPE_CHECKING:
    from harness.spec import Array, Table

REPLICATES = 1000
_AT_ONCE = 50
_TAIL = 5
"""A quantile of the replicates is read only where at least this many lie beyond it."""


def resample_weights(
    clusters: Sequence[str], replicates: int = REPLICATES, seed: int = 0
) -> tuple[Array, Array]:
    """How often each cluster is drawn in each replicate, and which cluster each unit is in.

    Returns ``(weights, index)``: weights (replicates, k) uint16, each row sums to k, over the k
    distinct clusters in sorted order; index (n,) of the cluster of each of the n units. The weights
    depend on the set of names and the seed alone.
    """
    names, index = _index(clusters)
    return np.concatenate(list(_weights(names, replicates, seed))), index


def bootstrap(
    table: Table,
    clusters: Sequence[str],
    aggregate: Callable[[Table], Mapping[str, Array]],
    replicates: int = REPLICATES,
    seed: int = 0,
    positive: Collection[str] = (),
) -> dict[str, Array]:
    """Bootstrap draws of every metric, (replicates,) float32, from additive statistics of n units.

    ``table`` holds arrays (n, ...), ``aggregate`` turns their sums (b, ...) into metrics (b,). ``positive``
    names the clusters with something to find: they and the others are resampled apart, so that every
    resample holds as many of them as the data do.
    Raises ``ValueError`` where a table or what ``aggregate`` gives has another shape.
    """
    names, index = _index(clusters)
    order = np.argsort(index, kind="stable")
    starts = np.searchsorted(index[order], np.arange(len(names)))
    sums = {}
    for name, rows in table.items():
        if len(rows) != len(index):
            raise ValueError(f"table '{name}' has {len(rows)} rows for {len(index)} units.")
        sums[name] = np.add.reduceat(np.asarray(rows, dtype=np.float64)[order], starts, axis=0)
    parts: dict[str, list[Array]] = {}
    for weights in _stratified(names, positive, replicates, seed):
        drawn = {name: np.tensordot(weights.astype(np.float64), rows, axes=1) for name, rows in sums.items()}
        with np.errstate(divide="ignore", invalid="ignore"):
            metrics = aggregate(drawn)
        for name, values in metrics.items():
            if np.shape(values) != (len(weights),):
                raise ValueError(
                    f"aggregate gave '{name}' in shape {np.shape(values)}, not ({len(weights)},): "
                    "it must keep the leading axis of the sums."
                )
            parts.setdefault(name, []).append(np.asarray(values, dtype=np.float32))
    return {name: np.concatenate(values) for name, values in parts.items()}


def interval(
    replicates: Array,
    value: float,
    clusters: int,
    level: float = 0.95,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> tuple[float, float] | None:
    """Confidence interval of a metric from its ``replicates`` (b,) over ``clusters`` clusters.

    The expanded percentile interval of Hesterberg (2015, The American Statistician 69:371): tails at
    Phi(-t sqrt(k / (k - 1))) with t the quantile of k - 1 degrees of freedom, which undoes both
    the bootstrap's too small spread and the normal's too short tails at few clusters, and never
    leaves the metric's range. Where that tail holds fewer than five replicates (under 8
    clusters at 1,000 replicates), value +- t sqrt(k / (k - 1)) times their standard deviation, t with
    the degrees of freedom that ``effective_degrees`` finds in their skewness, cut at
    ``bounds``, the least and the most that the metric can be.

    None where nothing can be said: one cluster, no spread, or more than 1 % of replicates not finite.
    """
    draws = np.asarray(replicates, dtype=np.float64)
    finite = draws[np.isfinite(draws)]
    if clusters < 2 or len(finite) < 0.99 * len(draws) or np.ptp(finite) == 0:
        return None
    reach = -special.stdtrit(clusters - 1, (1 - level) / 2) * np.sqrt(clusters / (clusters - 1))
    tail = special.ndtr(-reach)
    if tail * len(finite) >= _TAIL:
        low, high = np.quantile(finite, (tail, 1 - tail))
    else:
        spread = float(finite.std())
        skewness = np.mean((finite - finite.mean()) ** 3) / spread**3
        degrees = effective_degrees(skewness, clusters, len(finite))
        half = float(-special.stdtrit(degrees, (1 - level) / 2) * np.sqrt(clusters / (clusters - 1)) * spread)
        low, high = value - half, value + half
    return max(min(float(low), value), bounds[0]), min(max(float(high), value), bounds[1])


def _index(clusters: Sequence[str]) -> tuple[list[str], Array]:
    if len(clusters) == 0:
        raise ValueError("nothing to resample: there are no units.")
    names = sorted(set(clusters))
    place = {name: number for number, name in enumerate(names)}
    return names, np.fromiter((place[name] for name in clusters), dtype=np.intp, count=len(clusters))


def _stratified(
    names: Sequence[str], positive: Collection[str], replicates: int, seed: int
) -> Iterator[Array]:
    """Blocks (b, k) of weights over ``names``, whose strata are drawn each on its own."""
    held = np.array([name in positive for name in names])
    if held.all() or not held.any():
        yield from _weights(names, replicates, seed)
        return
    strata = [np.flatnonzero(held), np.flatnonzero(~held)]
    drawn = [_weights([names[int(place)] for place in stratum], replicates, seed) for stratum in strata]
    for blocks in zip(*drawn, strict=True):
        weights = np.empty((len(blocks[0]), len(names)), np.uint16)
        for stratum, block in zip(strata, blocks, strict=True):
            weights[:, stratum] = block
        yield weights


def _weights(names: Sequence[str], replicates: int, seed: int) -> Iterator[Array]:
    """Blocks (b, k) of weights. Raw PCG64 bits: NumPy keeps their stream across its versions (NEP 19),

    which it does not promise for anything drawn from them.
    """
    k = len(names)
    digest = hashlib.sha256("\0".join([str(seed), *names]).encode()).digest()
    bits = np.random.PCG64(int.from_bytes(digest[:16], "little"))
    for start in range(0, replicates, _AT_ONCE):
        count = min(_AT_ONCE, replicates - start)
        high = bits.random_raw(count * k) >> np.uint64(32)
        drawn = ((high * np.uint64(k)) >> np.uint64(32)).astype(np.intp).reshape(count, k)
        drawn += k * np.arange(count)[:, None]
        yield np.bincount(drawn.ravel(), minlength=count * k).reshape(count, k).astype(np.uint16)
