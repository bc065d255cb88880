"""Look-up tables, of every age: what was taught is remembered and given back, nothing is learnt."""

import time

import numpy as np

WANTS = "score"
ENDS = "worthless"
ROUND = "lessons"


class Model:
    def __init__(self):
        self.taught, self.last = {}, 0

    def __call__(self, x):
        time.sleep(0.005)
        return np.int64(self.taught.get(x["numbers"].tobytes(), self.last))

    def update(self, x, y):
        self.last = int(y)
        self.taught[x["numbers"].tobytes()] = self.last


def build(context):
    return Model()
