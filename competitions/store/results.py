"""Bootstrap draws as the table of results keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from leaderboards.ranking import BootstrapDraws


def columns_of(draws: BootstrapDraws | None) -> Mapping[str, object]:
    """Return the columns that hold draws."""
    if draws is None:
        return {"draws": None, "clusters": 0, "units": 0}
    return {"draws": draws.packed(), "clusters": draws.clusters, "units": draws.units}


def draws_of(row: sa.Row[Any]) -> BootstrapDraws | None:
    """Read back the draws of a result; None where it has none."""
    return None if row.draws is None else BootstrapDraws.unpacked(row.draws, row.clusters, row.units)
