"""One epoch of the NumPy entries: batches read ahead by a thread, steps, checkpoints.

``params["part"]`` lets the ladder look at one half: ``input`` reads without a model, ``model`` trains on
one batch again and again.
"""

from __future__ import annotations

import ctypes
import itertools
import queue
import threading
from pathlib import Path

AHEAD = 4
CHECKPOINTS = 4


def ahead(items):
    """Yield the same items, made by a thread of their own."""
    waiting = queue.Queue(AHEAD)

    def produce():
        try:
            for item in items:
                waiting.put(item)
            waiting.put(None)
        except Exception as error:
            waiting.put(error)

    threading.Thread(target=produce, daemon=True).start()
    while (item := waiting.get()) is not None:
        if isinstance(item, Exception):
            raise item
        yield item


def use_one_blas_thread():
    """Give BLAS one thread: the model's own threads share the rows, and the reader needs a core as well."""
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    for path in (path for path in mapped if "openblas" in path):
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads"):
            if hasattr(library, name):
                getattr(library, name)(1)


def trained(context, table, model):
    """Train on one epoch of the table's batches, yielding checkpoints; return the model."""
    use_one_blas_thread()
    size, part = context.params["batch"], context.params.get("part")
    steps = -(-table.schema["rows"] // size)
    batches = ahead(table.batches(context.public, size))
    if part == "model":
        batches = itertools.repeat(next(batches), steps)
    for number, batch in enumerate(batches, 1):
        if part == "input":
            continue
        model.step(*batch)
        if number % -(-steps // CHECKPOINTS) == 0 and number < steps:
            yield model
    return model
