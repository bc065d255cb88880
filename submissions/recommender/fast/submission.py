"""The closed model in plain NumPy, with a reader ahead.

Parquet is decoded by a thread that stays a few pieces ahead, and the model's threads share the rows of a
batch. Nothing is prepared and nothing grows with the rows.
"""

from __future__ import annotations

from epoch import trained
from numpy_model import Table, WideAndDeep


def build(context):
    return trained(context, Table(context.public), WideAndDeep)
