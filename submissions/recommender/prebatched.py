"""The article's step: a record holds a whole batch, a list a column, so that parsing is paid once a batch."""

from __future__ import annotations

from _shared import Table, prebatch, trained
from _shared import prebatched as read


def prepare(context):
    prebatch(context)


def build(context):
    table = Table(context)
    return trained(context, table, read(context, table))
