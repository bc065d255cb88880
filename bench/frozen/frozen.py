"""Answers rightly after some milliseconds of arithmetic in the first caches; the reference of its task."""

import numpy as np

WIDTH, TIMES = 128, 60


def build(context):
    turned, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(WIDTH, WIDTH)))
    weights = turned.astype(np.float32)
    state, product = weights.copy(), np.empty_like(weights)

    def model(x):
        for _ in range(TIMES):
            np.matmul(weights, state, out=product)
        return np.int64(x.argmax())

    return model
