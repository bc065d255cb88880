"""The closed model with compiled loops: gather, sparse sums and Adagrad by Numba, the dense layers by BLAS.

Threads share the rows for the way forward and back, then the categories for the update. Sums of gradients
go to a small table of the ids that occur, found through a map of all ids that is clean again after every
batch. The loops are compiled when the file is imported. Nothing is prepared, nothing grows with the rows.
"""

from __future__ import annotations

import ctypes
import itertools
from pathlib import Path

from columns import Table, ahead
from wide_and_deep import WideAndDeep

CHECKPOINTS = 4


def use_one_blas_thread():
    """Give BLAS one thread: the threads of this file share the rows already."""
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    for path in (path for path in mapped if "openblas" in path):
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads"):
            if hasattr(library, name):
                getattr(library, name)(1)


def build(context):
    use_one_blas_thread()
    table = Table(context.public)
    params = context.params
    model = WideAndDeep(table, params, context.seed, context.profile["threads"])
    steps = -(-table.schema["rows"] // params["batch"])
    batches = ahead(table.batches(context.public, params["batch"]))
    if params.get("part") == "model":  # the ladder's question: how fast without any input?
        batches = itertools.repeat(next(batches), steps)
    for number, batch in enumerate(batches, 1):
        if params.get("part") == "input":  # and how fast without any model?
            continue
        model.step(*batch)
        if number % -(-steps // CHECKPOINTS) == 0 and number < steps:
            yield model
    return model
