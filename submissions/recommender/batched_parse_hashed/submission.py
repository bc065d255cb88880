"""``batched_parse`` with hashed columns."""

from __future__ import annotations

from wide_and_deep import Table, batched_records, trained


def build(context):
    table = Table(context)
    return trained(context, table, batched_records(context, table), hashed=True)
