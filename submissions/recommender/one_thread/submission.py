"""The reference: the closed model in plain NumPy, batch after batch in one thread.

It starts fast, and its pace is steady. ``params["pieces"]`` trains in pieces that the harness times.
"""

from __future__ import annotations

import itertools

from epoch import use_one_blas_thread
from numpy_model import Table, WideAndDeep


def build(context):
    use_one_blas_thread()
    table = Table(context.public)
    model = WideAndDeep(table, context.params, context.seed)
    if "pieces" in context.params:
        return paced(context, table, model)
    for batch in table.batches(context.public, context.params["batch"]):
        model.step(*batch)
    return model


def paced(context, table, model):
    """Train on the first ``params["batches"]`` batches in each piece; yield the model after each."""
    params = context.params
    for _ in range(params["pieces"]):
        passes = (table.batches(context.public, params["batch"]) for _ in itertools.count())
        for batch in itertools.islice(itertools.chain.from_iterable(passes), params["batches"]):
            model.step(*batch)
        yield model
