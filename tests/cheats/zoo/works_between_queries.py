"""Futures: the answer is promised, and worked out while nobody is timed."""

import threading
import time

import numpy as np

WANTS = "ratio"
ENDS = "worthless or invalid"
ROUND = "duel"


def build(context):
    queue = []

    def work():
        while True:
            sum(range(10_000))
            if queue:
                queue.pop()

    threading.Thread(target=work, daemon=True).start()

    def model(x):
        queue.append(x["numbers"].copy())
        time.sleep(0.005)
        return np.int64(x["numbers"].argmax())

    return model
