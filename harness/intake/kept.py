"""The bytes of every submission that was measured, kept by their hash: a record can be run again."""

from __future__ import annotations

import shutil
from pathlib import Path

from harness.files import new_folder
from harness.intake import archives
from harness.spec import Submission


def keep(submission: Submission, kept: Path) -> None:
    """Copy a submission below ``kept``, whole or not at all, where its bytes are not there already."""
    folder = kept / submission.sha256
    if folder.exists():
        return
    with new_folder(folder) as made:
        root = made / submission.path.name if submission.path.is_dir() else made
        for name, file in archives.files(submission.path):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, root / name)


def kept_path(kept: Path, sha256: str) -> Path | None:
    """Return where a submission with this hash was kept; None where it was not."""
    folder = kept / sha256
    return next(iter(sorted(folder.iterdir())), None) if folder.is_dir() else None
