"""Add how uncertain a value over processes is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns; rows that are there get their values when the index is rebuilt."""
    op.add_column("photofinish_standings", sa.Column("value_se", sa.Double))
    op.add_column("photofinish_standings", sa.Column("value_df", sa.Double))
