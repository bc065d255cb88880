"""Keep the profile beside each job, and index whose job is next."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column, fill it from the submissions, and make the indexes."""
    op.add_column("competition_jobs", sa.Column("profile", sa.Text, nullable=False, server_default=""))
    op.execute(
        "UPDATE competition_jobs SET profile = (SELECT profile FROM competition_submissions "
        "WHERE competition_submissions.id = competition_jobs.submission)"
    )
    op.create_index("competition_teams_by_turn", "competition_teams", ["served", "id"])
    columns = ["team", "state", "profile", "submission"]
    op.create_index("competition_jobs_by_team", "competition_jobs", columns)
    lost = sa.text("losses > 0")
    op.create_index(
        "competition_jobs_lost", "competition_jobs", ["state"], sqlite_where=lost, postgresql_where=lost
    )
