"""The home: the folder with data, records, the ledger and calibrations. Only the commands know it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ROOT

if TYPE_CHECKING:
    from harness.spec import Places


def home() -> Path:
    """Return ``PHOTOFINISH_HOME``, or ``.photofinish`` beside the code where it is not set or empty."""
    return Path(os.environ.get("PHOTOFINISH_HOME") or ROOT / ".photofinish").absolute()


def places() -> Places:
    """Return the folders of the home that an evaluation may use."""
    from harness.spec import Places

    return Places.under(home())
