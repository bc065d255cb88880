"""What an embedding is worth: a linear probe, nearest neighbours, and signs of collapse.

Everything takes embeddings (n, d), any float dtype, and integer labels (n,) in 0..k-1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize, special
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from harness.spec import Array

NEIGHBOURS = 20
TEMPERATURE = 0.07
COLLAPSED_RANK = 2.0


def label_draw(labels: Array, per_class: int | None, rng: np.random.Generator) -> Array:
    """Indices (k * per_class,) of as many random examples of every class; all of them for None.

    A class that has fewer gives all it has.
    """
    if per_class is None:
        return np.arange(len(labels))
    order = rng.permutation(len(labels))
    return np.concatenate([order[labels[order] == name][:per_class] for name in np.unique(labels)])


def standardise(pool: Array, *others: Array) -> tuple[Array, ...]:
    """Shift and scale by the pool's mean and deviation, float64. A constant feature becomes 0."""
    mean, deviation = pool.mean(axis=0, dtype=np.float64), pool.std(axis=0, dtype=np.float64)
    # Rounding leaves a constant feature a deviation that is not quite zero.
    constant = deviation <= 1e-6 * np.abs(mean)
    scale = np.where(constant, np.inf, np.where(deviation > 0, deviation, 1.0))
    return tuple((part - mean) / scale for part in (pool, *others))


def fit_probe(x: Array, labels: Array, classes: int, strength: float = 1.0) -> tuple[Array, Array]:
    """Multinomial logistic regression: weights (d, classes) and biases (classes,), float64.

    Minimises ``sum_i log loss_i + |weights|^2 / (2 strength)``, the biases free: scikit-learn's
    ``LogisticRegression(C=strength)``. L-BFGS in the coordinates where Boehning's bound on the
    curvature (1992), ``x'x / 2 + 1 / strength``, is the identity: a few dozen steps instead of hundreds.
    Products of rows and weights are float32, sums over rows float64: half the memory to walk each step.
    """
    # Threads that wait for each other on arrays this small cost five times the work, on a busy machine more.
    with threadpool_limits(1):
        return _fit(np.asarray(x, np.float64), labels, classes, strength)


def _fit(x: Array, labels: Array, classes: int, strength: float) -> tuple[Array, Array]:
    n = len(x)
    basis, size = _principal(x)
    scale = 1 / np.sqrt(size / 2 + 1 / strength)
    inside = x.astype(np.float32) @ (basis * scale).astype(np.float32)
    target = np.zeros((classes, n))  # a row a class: sums over classes walk along memory
    target[labels, np.arange(n)] = 1.0
    penalty = (scale**2 / strength)[:, None]
    bias_scale = 1 / np.sqrt(n / 2)

    def objective(flat: Array) -> tuple[float, Array]:
        table = flat.reshape(-1, classes)
        weights, bias = table[:-1], table[-1] * bias_scale
        scores = (weights.T.astype(np.float32) @ inside.T).astype(np.float64) + bias[:, None]
        top = scores.max(axis=0)
        likely = np.exp(scores - top)
        total = likely.sum(axis=0)
        loss = np.log(total).sum() + top.sum() - np.vdot(scores, target)
        error = likely / total - target
        slope = (error.astype(np.float32) @ inside).T.astype(np.float64) + penalty * weights
        slope = np.vstack([slope, bias_scale * error.sum(axis=1)])
        return float(loss + (penalty * weights**2).sum() / 2), slope.ravel()

    start = np.zeros((len(size) + 1) * classes)
    options = {"maxiter": 300, "maxcor": 30, "gtol": 3e-6 * n, "ftol": 1e-12}
    found = optimize.minimize(objective, start, jac=True, method="L-BFGS-B", options=options).x
    table = found.reshape(-1, classes)
    return (basis * scale) @ table[:-1], table[-1] * bias_scale


def _principal(x: Array) -> tuple[Array, Array]:
    """The directions (d, r) that x (n, d) spans and the squared singular value (r,) of each."""
    n, d = x.shape
    size, vectors = np.linalg.eigh(x @ x.T if n < d else x.T @ x)
    kept = size > max(n, d) * np.finfo(np.float64).eps * max(size[-1], 1e-300)
    size, vectors = size[kept], vectors[:, kept]
    return (x.T @ (vectors / np.sqrt(size)) if n < d else vectors), size


def predict(fitted: tuple[Array, Array], asked: Array) -> Array:
    """Labels (m,) that a fitted probe gives to ``asked`` (m, d)."""
    weights, bias = fitted
    predicted: Array = np.argmax(asked @ weights + bias, axis=1)
    return predicted


def nearest(x: Array, labels: Array, asked: Array, classes: int) -> Array:
    """Labels (m,) by a vote of the nearest twenty in cosine, weighted by exp(cosine / 0.07).

    After Wu et al. (2018), arXiv 1805.01978, whose 200 neighbours are for a million labels.
    """
    cosine = unit(asked) @ unit(x).T
    count = min(NEIGHBOURS, len(x))
    near = np.argpartition(-cosine, count - 1, axis=1)[:, :count]
    weight = np.exp((np.take_along_axis(cosine, near, axis=1) - 1) / TEMPERATURE)
    votes = np.zeros((len(asked), classes))
    np.add.at(votes, (np.arange(len(asked))[:, None], labels[near]), weight)
    predicted: Array = np.argmax(votes, axis=1)
    return predicted


def unit(x: Array) -> Array:
    """Rows of length one, float64; a row of zeros stays."""
    x = np.asarray(x, np.float64)
    length = np.linalg.norm(x, axis=1, keepdims=True)
    return x / np.where(length > 0, length, 1.0)


def effective_rank(x: Array) -> float:
    """Exponential of the entropy of the singular values of the centred embeddings: 0 (a point) to d.

    Roy and Vetterli, "The effective rank" (2007).
    """
    x = np.asarray(x, np.float64)
    centred = x - x.mean(axis=0)
    if np.abs(centred).max() <= 1e-6 * np.abs(x).max():
        return 0.0
    values = np.sqrt(np.maximum(np.linalg.eigvalsh(centred.T @ centred), 0.0))
    share = values / values.sum()
    return float(np.exp(special.entr(share).sum()))


def uniformity(x: Array) -> float:
    """log of the mean of exp(-2 |a - b|^2) over pairs on the unit sphere: 0 is collapse, -4 spread out.

    Wang and Isola (2020), arXiv 2005.10242, t = 2.
    """
    around = unit(x)
    squared = 2 - 2 * (around @ around.T)[np.triu_indices(len(around), 1)]
    return float(np.log(np.mean(np.exp(-2 * np.maximum(squared, 0.0)))))


def alignment(first: Array, second: Array) -> float:
    """Mean squared distance on the unit sphere between embeddings of two views, row by row; 0 is best.

    Wang and Isola (2020), alpha = 2. A collapsed encoder has 0 too: read it with ``uniformity``.
    """
    return float(np.mean(np.sum((unit(first) - unit(second)) ** 2, axis=1)))


def collapse(rank: float, width: int) -> str | None:
    """Name a collapsed encoder, or None where the embedding has at least two directions."""
    if rank >= COLLAPSED_RANK:
        return None
    return f"collapsed encoder: the embedding of {width} numbers has an effective rank of {rank:.2g}"
