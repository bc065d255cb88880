"""Keep bootstrap draws as boards do: float32, with the number of units.

Scores of a jackknife (``clusters`` 0, float64) become draws that spread as far as their standard error says.
"""

from __future__ import annotations

import numpy as np
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_RESULTS = sa.table(
    "competition_results",
    sa.column("submission", sa.BigInteger),
    sa.column("draws", sa.LargeBinary),
    sa.column("clusters", sa.BigInteger),
)


def upgrade() -> None:
    """Rename the column, add the units, and convert what is stored."""
    op.execute("ALTER TABLE competition_results RENAME COLUMN replicates TO draws")
    op.add_column(
        "competition_results", sa.Column("units", sa.BigInteger, nullable=False, server_default="0")
    )
    connection = op.get_bind()
    rows = connection.execute(sa.select(_RESULTS).where(_RESULTS.c.draws.is_not(None))).all()
    for row in rows:
        values, clusters = np.frombuffer(row.draws, "<f8"), row.clusters
        if clusters == 0:
            mean, clusters = values.mean(), len(values)
            values = mean + (values - mean) * np.sqrt(clusters - 1)
        new = {"draws": values.astype("<f4").tobytes(), "clusters": clusters}
        connection.execute(sa.update(_RESULTS).where(_RESULTS.c.submission == row.submission).values(new))
