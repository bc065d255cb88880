"""The closed model with compiled loops: ids in C, the dense layers by BLAS.

A batch's rows of the table are copied together, read, changed and put back. Threads share the categories for
that, and the rows for the way forward and back. The loops are compiled while packages are imported.
Nothing is prepared, nothing grows with the rows.
"""

from __future__ import annotations

from wide_and_deep import WideAndDeep  # isort: skip  (it begins to compile)
from columns import Table
from epoch import trained


def build(context):
    return trained(context, Table(context.public), WideAndDeep)
