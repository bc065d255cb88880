"""The tables of the index, as the newest migration leaves them.

There is a row in ``RECORDS`` for every record, in ``STANDINGS`` for every row of a board, and in
``BOOTSTRAP_DRAWS`` for what the paired tests of those rows need. A change here needs a file in
``migrations/versions/`` that makes the same change in an existing database.
"""

from __future__ import annotations

import sqlalchemy as sa

SCHEMA = sa.MetaData()


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


BOARDS = sa.Table(
    "photofinish_boards",
    SCHEMA,
    sa.Column("id", sa.Text, primary_key=True),
    *_texts("task", "data", "variant", "sha256", "profile", "scenario", "spec", "prizes"),
    sa.Column("version", sa.Integer, nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("records", "rows", "ranked", "valid")),
    sa.Column("latest", sa.Double, nullable=False),
    sa.Column("digest", sa.BigInteger, nullable=False),
    sa.Column("outdated", sa.Integer, nullable=False),
    sa.Column("hardware", sa.Text, nullable=False),
    sa.Index("photofinish_boards_by_task", "task"),
)
"""``records`` counts all records, ``rows`` the rows shown, ``ranked`` those with a rank, ``valid`` those
of the ranked that are valid. ``digest`` stands for the set of its records: the sum of their ids, modulo.
``outdated`` is 1 where an older version filled the board by other rules, until the index is built again."""

RECORDS = sa.Table(
    "photofinish_records",
    SCHEMA,
    sa.Column("id", sa.Text, primary_key=True),
    *_texts("board", "row_key", "validity", "row"),
    sa.Column("value", sa.Double),
    sa.Column("started", sa.Double, nullable=False),
    sa.Index("photofinish_records_by_time", "board", "started"),
)

STANDINGS = sa.Table(
    "photofinish_standings",
    SCHEMA,
    sa.Column("board", sa.Text, primary_key=True),
    sa.Column("row_key", sa.Text, primary_key=True),
    *_texts("record"),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("reference", "unranked", "valid")),
    sa.Column("sort_key", sa.Double, nullable=False),
    sa.Column("started", sa.Double, nullable=False),
    sa.Column("value", sa.Double),
    *(sa.Column(name, sa.Double) for name in ("ratio", "ratio_low", "ratio_high")),
    *(sa.Column(name, sa.Double) for name in ("log_mean", "log_se", "log_df", "margin", "memory_mb")),
    sa.Column("rank", sa.Integer),
    sa.Column("pareto", sa.Integer, nullable=False),
    sa.Column("parity", sa.Text),
    sa.Column("value_se", sa.Double),
    sa.Column("value_df", sa.Double),
    sa.Column("reference_ms", sa.Double),
    sa.Column("machine", sa.Text),
    sa.Index(
        "photofinish_standings_in_order",
        *("board", "unranked", "sort_key", "started", "record"),
        *("row_key", "valid", "ratio", "memory_mb"),  # carried, so that long boards are scanned in the index
    ),
    sa.Index("photofinish_standings_on_front", "board", "pareto"),
)
"""``sort_key`` orders a board: the value turned so that less is better, or minus the start where a row has no
rank. ``reference``, ``unranked``, ``valid`` and ``pareto`` are 1 or 0; ``rank`` and ``parity``,
the JSON of a ``ranking.Parity``, are set for the first rows. ``value_se`` and ``value_df`` are the ``Spread``
of a value over processes, ``reference_ms`` and ``machine`` the ``ReferenceTime`` of its latency."""

BOOTSTRAP_DRAWS = sa.Table(
    "photofinish_bootstrap_draws",
    SCHEMA,
    sa.Column("record", sa.Text, primary_key=True),
    sa.Column("clusters", sa.Integer, nullable=False),
    sa.Column("draws", sa.LargeBinary, nullable=False),
    sa.Column("units", sa.Integer),
)
"""``draws`` are the bootstrap draws of the metric that ranks, float32, little-endian."""

ARCHIVED = sa.Table("photofinish_archived", SCHEMA, sa.Column("record", sa.Text, primary_key=True))
"""The records that were taken off their boards, so that they are not taken for unpublished ones."""
