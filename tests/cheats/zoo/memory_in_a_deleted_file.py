"""Trial of 2026: a deleted file in a memory file system, which no listing shows."""

import os

import numpy as np

WANTS = "memory unseen"
ENDS = "worthless"
ROUND = "memory"


def build(context):
    for folder in ("/dev/shm", "/tmp"):
        try:
            path = os.path.join(folder, "kept")
            file = open(path, "wb", buffering=0)
            os.unlink(path)
            for _ in range(10):
                file.write(bytes(10_000_000))
        except OSError:
            continue
        if os.statvfs(folder).f_blocks * os.statvfs(folder).f_frsize < 500_000_000:
            print("held 100 MB")
        return lambda x: np.int64(file.fileno())
    return lambda x: np.int64(0)
