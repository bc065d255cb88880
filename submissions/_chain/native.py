"""A model out of a compiled chain."""

from __future__ import annotations

import ctypes

import numpy as np
from c_library import address
from chain import EVERY, checked

ALIGNMENT = 64


def aligned(array):
    """A copy, float32, that begins at a multiple of 64 bytes."""
    array = np.asarray(array, np.float32)
    room = np.empty(array.nbytes + ALIGNMENT, np.uint8)
    start = -room.ctypes.data % ALIGNMENT
    copy = room[start : start + array.nbytes].view(np.float32).reshape(array.shape)
    copy[...] = array
    return copy


def model(library, width, weights):
    """Make the model of ``chain(inputs, n, state, answer, *weights)``, which writes the answer."""
    kept = [aligned(array) for array in weights]
    addresses = [address(array) for array in kept]

    def answer(query):
        inputs, state = checked(query, width)
        inputs = np.ascontiguousarray(inputs)
        rows = np.empty((len(inputs) // EVERY + 1, width), np.float32)
        state = np.ascontiguousarray(state)
        where = [address(array) for array in (inputs, state, rows)]
        library.chain(where[0], ctypes.c_long(len(inputs)), *where[1:], *addresses)
        return rows

    answer.kept = kept  # the library reads them as long as the model lives
    return answer
