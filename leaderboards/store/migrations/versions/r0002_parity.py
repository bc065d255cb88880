"""Add whether a row is as good as its leader, and how many units were scored."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; rows that are there get their values when their boards are ranked again."""
    op.add_column("photofinish_standings", sa.Column("parity", sa.Text))
    op.add_column("photofinish_bootstrap_draws", sa.Column("units", sa.Integer))
