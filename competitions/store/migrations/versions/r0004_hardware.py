"""Keep the hardware class of each result, and of each board: that of its newest record until now."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from harness.record import Record
from harness.record.hardware import hardware_class

revision = "0004"
down_revision = "0003"

_COMPETITIONS = sa.table("competition_competitions", sa.column("slug"), sa.column("hardware"))
_RESULTS = sa.table(
    "competition_results",
    sa.column("submission", sa.BigInteger),
    *(sa.column(name) for name in ("competition", "profile", "record", "hardware")),
)


def upgrade() -> None:
    """Add the columns and fill them from the records."""
    for table, default in (("competition_competitions", "{}"), ("competition_results", "")):
        op.add_column(table, sa.Column("hardware", sa.Text, nullable=False, server_default=default))
    connection = op.get_bind()
    query = sa.select(_RESULTS).where(_RESULTS.c.record != "").order_by(_RESULTS.c.submission)
    boards: dict[str, dict[str, str]] = {}
    for row in connection.execute(query).all():
        record = Record.model_validate_json(row.record)
        found = hardware_class(record.machine, record.isolation.level)
        mine = _RESULTS.c.submission == row.submission
        connection.execute(sa.update(_RESULTS).where(mine).values(hardware=found))
        if found:
            boards.setdefault(row.competition, {})[row.profile] = found
    for slug, classes in boards.items():
        mine = _COMPETITIONS.c.slug == slug
        connection.execute(sa.update(_COMPETITIONS).where(mine).values(hardware=json.dumps(classes)))
        for profile, found in classes.items():
            op.execute(
                sa.text(
                    "UPDATE competition_jobs SET profile = :offer WHERE state != 'done' AND submission IN "
                    "(SELECT id FROM competition_submissions "
                    "WHERE competition = :slug AND profile = :profile)"
                ).bindparams(offer=f"{profile}@{found}", slug=slug, profile=profile)
            )
