"""Fetch wheels and look into them before they are unpacked: their bytes, names, number and sizes."""

from __future__ import annotations

import errno
import hashlib
import shutil
import stat
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path, PurePosixPath

from harness.environments.choice import too_large
from harness.environments.index import Published
from harness.environments.uv import FULL
from harness.spec import OwnEnvironments, Progress
from harness.spec.errors import InvalidSubmission, NotAvailable

MOST_FILES = 100_000
_CHUNK = 1 << 20
_MB = 1_000_000


@dataclass(frozen=True)
class Fetched:
    """Wheels on disk, and the size in bytes of the largest file in them."""

    paths: list[Path]
    largest: int


def fetch(wheels: Sequence[Published], folder: Path, rules: OwnEnvironments, progress: Progress) -> Fetched:
    """Save wheels in a folder and check them.

    Raises InvalidSubmission where they take more than the task allows or hold what a wheel must not,
    NotAvailable where a source does not send them, OSError where the disk is full or has too little room.
    """
    left, saved = rules.most_mb * _MB, []
    for number, wheel in enumerate(wheels):
        progress("fetching packages", number, len(wheels))
        path = folder / wheel.filename
        left -= _save(wheel, path, left)
        saved.append(path)
    sizes = {path.name: _looked_into(path) for path in saved}
    unpacked_mb = {name: sum(members) / _MB for name, members in sizes.items()}
    if sum(unpacked_mb.values()) > rules.most_mb:
        raise too_large(sum(unpacked_mb.values()), rules, unpacked_mb)
    files = sum(map(len, sizes.values()))
    if files > MOST_FILES:
        raise InvalidSubmission(f"its packages hold {files:,} files; at most {MOST_FILES:,} are unpacked")
    needed, free = sum(unpacked_mb.values()), shutil.disk_usage(folder).free / _MB
    if needed > free:
        raise OSError(errno.ENOSPC, f"its packages take {needed:,.0f} MB and {free:,.0f} MB are free")
    return Fetched(saved, max((size for members in sizes.values() for size in members), default=0))


def _save(wheel: Published, path: Path, most: int) -> int:
    """Save one wheel and return its size in bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        with wheel.open() as source, path.open("xb") as target:
            while data := source.read(_CHUNK):
                size += len(data)
                if size > most:
                    raise InvalidSubmission(
                        f"{wheel.filename} takes more than the task allows; pin a smaller one"
                    )
                digest.update(data)
                target.write(data)
    except (LookupError, HTTPException, OSError) as error:
        if getattr(error, "errno", None) in FULL:
            raise
        raise NotAvailable(f"{wheel.filename} cannot be fetched ({error}); run again later") from None
    if digest.hexdigest() != wheel.sha256:
        raise NotAvailable(f"{wheel.url} sent other bytes than its index promises; run again later")
    return size


def _looked_into(path: Path) -> list[int]:
    """Return the sizes in bytes of a wheel's files, as it lists them. Raises InvalidSubmission.

    ``uv`` refuses an archive whose files differ from its list.
    """
    try:
        with zipfile.ZipFile(path) as wheel:
            members = wheel.infolist()
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise InvalidSubmission(f"{path.name} is no wheel: {error}; pin another version") from None
    for member in members:
        place = PurePosixPath(member.filename)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if place.is_absolute() or ".." in place.parts or "\\" in member.filename or kind not in _PLAIN:
            raise InvalidSubmission(
                f"{path.name} holds {member.filename[:80]!r}, which no wheel may hold; pin another version"
            )
    return [member.file_size for member in members]


_PLAIN = {0, stat.S_IFREG, stat.S_IFDIR}
