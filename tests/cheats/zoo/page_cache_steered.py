"""Trial of 2026: pages of a file that all processes may read are dropped, as a note for the next one."""

import ctypes
import mmap
import os

import numpy as np

WANTS = "page cache"
ENDS = "worthless"
COLD, PAGEOUT = 20, 21


def attack(told):
    file = os.open(told["pages"], os.O_RDONLY)
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    mapped = mmap.mmap(file, 0, mmap.MAP_SHARED, mmap.PROT_READ)
    for advice in (COLD, PAGEOUT):
        mapped.madvise(advice)
    ctypes.CDLL(None).posix_fadvise(file, ctypes.c_long(0), ctypes.c_long(0), os.POSIX_FADV_DONTNEED)


def build(context):
    try:
        attack(context.params)
    except (OSError, ValueError):
        pass
    return lambda x: np.int64(0)
