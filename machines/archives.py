"""Files and folders as one stream of bytes, for the way between machines."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

from harness.files import new_folder
from harness.spec.errors import HarnessError


def packed(paths: Sequence[Path]) -> bytes:
    """Return files, and folders with all they hold, side by side in an uncompressed tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in paths:
            archive.add(path, path.name)
    return buffer.getvalue()


def unpack(data: bytes, folder: Path) -> None:
    """Unpack an archive into the new folder ``folder``; one that another process made is kept.

    Raises HarnessError where the bytes are no archive, or name files outside the folder.
    """
    with new_folder(folder) as building:
        try:
            with tarfile.open(fileobj=io.BytesIO(data)) as archive:
                archive.extractall(building, filter="data")
        except (tarfile.TarError, OSError) as error:
            raise HarnessError(f"files from another machine cannot be unpacked: {error}") from error
