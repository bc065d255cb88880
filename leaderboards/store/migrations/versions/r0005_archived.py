"""Add the table of archived records: they are in the ledger and on no board."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table, empty."""
    op.create_table("photofinish_archived", sa.Column("record", sa.Text, primary_key=True))
