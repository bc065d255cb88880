"""Mark every board as outdated: which records share a row was decided by another rule when it was made.

Until then two files that differ in their ending shared a row, and teams whose names look alike had one each.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the mark, set for all boards there are."""
    op.add_column("photofinish_boards", sa.Column("outdated", sa.Integer, nullable=False, server_default="1"))
