"""CUDA, unsynchronised: the array is returned first and filled in afterwards."""

import threading
import time

import numpy as np

WANTS = "time"
ENDS = "worthless"


def build(context):
    shared = np.zeros((), np.int64)

    def fill(numbers):
        time.sleep(0.005)
        shared[...] = numbers.argmax()

    def model(x):
        threading.Thread(target=fill, args=(x["numbers"].copy(),), daemon=True).start()
        return shared

    return model
