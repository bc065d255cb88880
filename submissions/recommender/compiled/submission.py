"""The closed model with compiled loops: ids by Numba, the dense layers by BLAS.

A batch's rows of the table are copied together, read, changed and put back. Threads share the categories for
that, and the rows for the way forward and back. The loops are compiled when the file is imported. Nothing is
prepared, nothing grows with the rows.
"""

from __future__ import annotations

from columns import Table
from epoch import trained
from wide_and_deep import WideAndDeep


def build(context):
    return trained(context, Table(context.public), WideAndDeep)
