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
            file = os.open(path, os.O_WRONLY | os.O_CREAT)
            os.unlink(path)
            for _ in range(10):
                os.write(file, bytes(10_000_000))
        except OSError:
            continue
        if os.statvfs(folder).f_blocks * os.statvfs(folder).f_frsize < 500_000_000:
            print("held 100 MB")
        return lambda x: np.int64(file)
    return lambda x: np.int64(0)
