"""The folders that the harness may use: it reads and writes no other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Where an evaluation keeps things; each folder is made when it is first needed.

    ``data`` holds prepared datasets, ``records`` a folder per record, ``entries`` unpacked and assembled
    submissions, ``kept`` those that were measured, by their hash, ``packages`` downloaded npm packages,
    ``environments`` the Python environments that submissions bring, ``calibrations`` what is known of this
    machine, ``comparisons`` what 'compare' found. ``host_log`` is the file that gets the traces of a task's
    own errors; ``live_log``, where it is named, one that gets what a submission prints while it runs.
    """

    data: Path
    records: Path
    entries: Path
    kept: Path
    packages: Path
    environments: Path
    calibrations: Path
    comparisons: Path
    host_log: Path
    live_log: Path | None = None

    @classmethod
    def under(cls, folder: Path) -> Places:
        """Return the places as they lie below one folder."""
        return cls(
            data=folder / "data",
            records=folder / "records",
            entries=folder / "entries",
            kept=folder / "submissions",
            packages=folder / "packages",
            environments=folder / "environments",
            calibrations=folder / "calibration",
            comparisons=folder / "comparisons",
            host_log=folder / "host.log",
        )
