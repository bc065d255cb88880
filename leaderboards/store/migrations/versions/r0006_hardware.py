"""Part boards by the class of hardware; every board is outdated until the index is built again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the class, empty, and set the mark of all boards."""
    op.add_column("photofinish_boards", sa.Column("hardware", sa.Text, nullable=False, server_default=""))
    op.execute("UPDATE photofinish_boards SET outdated = 1")
