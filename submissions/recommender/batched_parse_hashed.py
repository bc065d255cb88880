"""``batched_parse`` with hashed columns."""

from __future__ import annotations

from _shared import Table, batched_records, trained


def build(context):
    table = Table(context)
    return trained(context, table, batched_records(context, table), hashed=True)
