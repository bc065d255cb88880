"""Make the tables, and fill them from those of an index that had no version yet.

Until commit 40602b2 the tables had other names and no version: that code emptied them where their columns
were not as it expected. They are copied and left as they are, so that both versions can go on.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BOARD = ("id", "task", "data", "variant", "sha256", "profile", "scenario", "spec", "prizes", "version")
_COUNTS = ("records", "rows", "ranked", "valid", "latest", "digest")
_RECORD = ("id", "board", "row_key", "validity", "row", "value", "started")
_LATENCY = ("ratio", "ratio_low", "ratio_high", "log_mean", "log_se", "log_df", "margin")
_KEPT = ("board", "row_key", "record", "valid", "started", "value", *_LATENCY, "memory_mb", "rank", "pareto")
_RENAMED = {"bottom": "unranked", "place": "sort_key"}
_DRAWS = ("record", "clusters", "draws")
_UNVERSIONED = {
    "boards": {*_BOARD, *_COUNTS},
    "records": set(_RECORD),
    "standings": {*_KEPT, *_RENAMED, "mark"},
    "replicates": set(_DRAWS),
}


def upgrade() -> None:
    """Make the tables and copy what is there."""
    _make_tables()
    inspector = sa.inspect(op.get_bind())
    present = set(inspector.get_table_names())
    if all(
        table in present and {column["name"] for column in inspector.get_columns(table)} == columns
        for table, columns in _UNVERSIONED.items()
    ):
        _copy()


def _make_tables() -> None:
    def texts(*names: str) -> list[sa.Column[str]]:
        return [sa.Column(name, sa.Text, nullable=False) for name in names]

    def integers(*names: str) -> list[sa.Column[int]]:
        return [sa.Column(name, sa.Integer, nullable=False) for name in names]

    op.create_table(
        "photofinish_boards",
        sa.Column("id", sa.Text, primary_key=True),
        *texts(*_BOARD[1:9]),
        *integers("version", "records", "rows", "ranked", "valid"),
        sa.Column("latest", sa.Double, nullable=False),
        sa.Column("digest", sa.BigInteger, nullable=False),
        sa.Index("photofinish_boards_by_task", "task"),
    )
    op.create_table(
        "photofinish_records",
        sa.Column("id", sa.Text, primary_key=True),
        *texts("board", "row_key", "validity", "row"),
        sa.Column("value", sa.Double),
        sa.Column("started", sa.Double, nullable=False),
        sa.Index("photofinish_records_by_time", "board", "started"),
    )
    op.create_table(
        "photofinish_standings",
        sa.Column("board", sa.Text, primary_key=True),
        sa.Column("row_key", sa.Text, primary_key=True),
        *texts("record"),
        *integers("reference", "unranked", "valid"),
        sa.Column("sort_key", sa.Double, nullable=False),
        sa.Column("started", sa.Double, nullable=False),
        *(sa.Column(name, sa.Double) for name in ("value", *_LATENCY, "memory_mb")),
        sa.Column("rank", sa.Integer),
        *integers("pareto"),
        sa.Index(
            "photofinish_standings_in_order",
            *("board", "unranked", "sort_key", "started", "record", "row_key", "valid", "ratio", "memory_mb"),
        ),
        sa.Index("photofinish_standings_on_front", "board", "pareto"),
    )
    op.create_table(
        "photofinish_bootstrap_draws",
        sa.Column("record", sa.Text, primary_key=True),
        *integers("clusters"),
        sa.Column("draws", sa.LargeBinary, nullable=False),
    )


def _copy() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("LOCK TABLE boards, records, standings, replicates IN SHARE MODE")
    same = {name: name for name in _KEPT}
    reference = {"CASE WHEN mark = 'reference' THEN 1 ELSE 0 END": "reference"}
    for table, new, columns in (
        ("boards", "boards", {name: name for name in (*_BOARD, *_COUNTS)}),
        ("records", "records", {name: name for name in _RECORD}),
        ("standings", "standings", {**same, **_RENAMED, **reference}),
        ("replicates", "bootstrap_draws", {name: name for name in _DRAWS}),
    ):
        # Quoted, for "row", "rows" and "rank" are words of SQL.
        values = ", ".join(name if " " in name else f'"{name}"' for name in columns)
        names = ", ".join(f'"{name}"' for name in columns.values())
        op.execute(f'INSERT INTO photofinish_{new} ({names}) SELECT {values} FROM "{table}"')
