"""``prebatched`` with hashed columns: ids need no vocabulary, tables are a power of two."""

from __future__ import annotations

from wide_and_deep import Table, prebatch, prebatched, trained


def prepare(context):
    prebatch(context)


def build(context):
    table = Table(context)
    return trained(context, table, prebatched(context, table), hashed=True)
