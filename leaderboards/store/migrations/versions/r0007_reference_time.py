"""Add how long the reference took in the run of a row, and on which machine."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns; records of older versions have no such time, so that no board is outdated."""
    op.add_column("photofinish_standings", sa.Column("reference_ms", sa.Double))
    op.add_column("photofinish_standings", sa.Column("machine", sa.Text))
