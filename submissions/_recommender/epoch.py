"""One epoch of the NumPy entries: batches read ahead by a thread, and steps.

``params["part"]`` lets the ladder look at one half: ``input`` reads without a model, ``model`` trains on
one batch again and again.
"""

from __future__ import annotations

import ctypes
import itertools
import queue
import threading
from pathlib import Path

AHEAD = 8


def ahead(items):
    """Return the same items, made by a thread of their own from now on."""
    waiting = queue.Queue(AHEAD)

    def produce():
        try:
            for item in items:
                waiting.put(item)
            waiting.put(None)
        except Exception as error:
            waiting.put(error)

    def taken():
        item = waiting.get()
        if isinstance(item, Exception):
            raise item
        return item

    threading.Thread(target=produce, daemon=True).start()
    return iter(taken, None)


def use_one_blas_thread():
    """Give BLAS one thread: the model's own threads share the rows, and the reader needs a core as well."""
    mapped = {line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines()}
    for path in (path for path in mapped if "openblas" in path):
        library = ctypes.CDLL(path)
        for name in ("scipy_openblas_set_num_threads64_", "scipy_openblas_set_num_threads"):
            if hasattr(library, name):
                getattr(library, name)(1)


def trained(context, table, make_model):
    """Train on one epoch of the table's batches; return the model.

    ``make_model(table, params, seed, threads)`` is called while the first batches are read.
    """
    use_one_blas_thread()
    params = context.params
    steps = -(-table.schema["rows"] // params["batch"])
    batches = ahead(table.batches(context.public, params["batch"]))
    model = make_model(table, params, context.seed, context.profile["threads"])
    if params.get("part") == "model":
        batches = itertools.repeat(next(batches), steps)
    for batch in batches:
        if params.get("part") == "input":
            continue
        model.step(*batch)
    return model
