"""Trial of 2026: what waits in pipes lies in no address space."""

import fcntl
import os

import numpy as np

WANTS = "memory unseen"
ENDS = "worthless"
ROUND = "memory"


def build(context):
    kept, full = [], 0
    try:
        while full < 50_000_000:
            kept.append(os.pipe())
            size = fcntl.fcntl(kept[-1][1], 1031, 1 << 20)  # F_SETPIPE_SZ
            os.set_blocking(kept[-1][1], False)
            full += os.write(kept[-1][1], bytes(size))
        print("held 50 MB")
    except OSError:
        pass
    return lambda x: np.int64(len(kept))
