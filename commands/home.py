"""The home: the folder with data, records, the ledger and calibrations. Only the commands know it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from harness import ROOT

if TYPE_CHECKING:
    from harness.spec import Places


def home() -> Path:
    """Return ``PHOTOFINISH_HOME``, or ``.photofinish`` beside the code where it is not set or empty."""
    return Path(os.environ.get("PHOTOFINISH_HOME") or ROOT / ".photofinish").absolute()


def check_home() -> None:
    """Raise NotAvailable where the home cannot be made or written: before anything is measured."""
    folder = home()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        # Imported on use: --help should not wait for the errors of the harness.
        from harness.spec.errors import NotAvailable

        raise NotAvailable(
            f"the home {folder} cannot be written: {error.strerror}; PHOTOFINISH_HOME names another folder"
        ) from None


def places() -> Places:
    """Return the folders of the home that an evaluation may use."""
    from harness.spec import Places

    return Places.under(home())
