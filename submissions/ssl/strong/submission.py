"""SimCLR's features, and beside them the eigenvectors of their nearest-neighbour graph.

Pictures of one class lie along one path of near neighbours, so a few labels go far. Laplacian eigenmaps
(Belkin and Niyogi 2003), carried to new pictures as by Bengio et al. (2004): the mean over their neighbours.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import eigsh
from ssl_losses import contrast
from ssl_networks import encoder, mlp
from ssl_training import Setting, pretrain

TEMPERATURE, NEIGHBOURS, WIDTH, WALK = 0.2, 10, 16, 4
SHARE = 0.5  # length of the features; the position on the graph has length one
MOST_ANCHORS = 20_000


def build(context):
    setting = Setting(context)
    network = encoder(setting)
    head = mlp(network.output_shape[1], (256, 128))
    model = yield from pretrain(setting, network, [head], contrast(head, TEMPERATURE))
    return Graph(model, setting.pixels[:MOST_ANCHORS], setting.seed)


class Graph:
    """``model(images)``: features, and the mean position of their neighbours in the pool, of length one."""

    def __init__(self, model, pool, seed):
        self.model = model
        rows = model(pool)["embedding"]
        self.mean = rows.mean(0)
        self.anchors = unit(rows - self.mean)
        likeness = self.likeness(self.anchors)
        likeness = likeness + likeness.T
        root = np.sqrt(np.asarray(likeness.sum(1)).ravel())
        even = sparse.diags(1 / root) @ likeness @ sparse.diags(1 / root)
        rng = np.random.default_rng(seed)
        value, vectors = eigsh(even, WIDTH, v0=rng.random(len(pool)))
        self.positions = vectors / root[:, None] * value**WALK
        # Turned by a random rotation: a probe that standardises each number would undo their weights.
        width = rows.shape[1] + WIDTH
        self.turn = np.linalg.qr(rng.normal(size=(width, width)))[0]

    def likeness(self, rows):
        """Sparse (n, anchors): exp(10 cosine) to the nearest anchors."""
        parts = []
        for start in range(0, len(rows), 1000):
            cosine = rows[start : start + 1000] @ self.anchors.T
            near = np.argpartition(-cosine, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
            weight = np.exp((np.take_along_axis(cosine, near, 1) - 1) * 10)
            ends = np.arange(len(near) + 1) * NEIGHBOURS
            parts.append(sparse.csr_matrix((weight.ravel(), near.ravel(), ends), shape=cosine.shape))
        return sparse.vstack(parts)

    def __call__(self, images):
        answer = self.model(images)
        features = unit(answer["embedding"] - self.mean)
        near = self.likeness(features)
        positions = unit(sparse.diags(1 / np.asarray(near.sum(1)).ravel()) @ near @ self.positions)
        whole = np.concatenate([SHARE * features, positions], axis=1) @ self.turn
        return {**answer, "embedding": whole.astype(np.float32)}


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
