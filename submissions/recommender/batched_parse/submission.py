"""Batch the records of single rows first, then parse a batch at a time, several batches at once."""

from __future__ import annotations

from wide_and_deep import Table, batched_records, trained


def build(context):
    table = Table(context)
    return trained(context, table, batched_records(context, table))
