"""COCO 2017's validation photographs and annotations, fetched, verified and unpacked.

Annotations are CC BY 4.0, the photographs keep their own terms (cocodataset.org/#termsofuse).
"""

from __future__ import annotations

import hashlib
import urllib.request
import zipfile
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from harness.spec import Progress
from harness.spec.errors import BadData, NotAvailable

BY_HAND = "or get COCO 2017 some other way and point --from at the folder with annotations/ and val2017/"
_PIECE = 1 << 20


@dataclass(frozen=True)
class Archive:
    """One archive of COCO's; of its members those below ``wanted`` are unpacked."""

    url: str
    sha256: str
    size: int
    wanted: str


ARCHIVES = (
    Archive(
        "http://images.cocodataset.org/annotations/annotations_trainval2017.zip",
        "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
        252_907_541,
        "annotations/instances_val2017.json",
    ),
    Archive(
        "http://images.cocodataset.org/zips/val2017.zip",
        "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
        815_585_330,
        "val2017/",
    ),
)


def fetch(folder: Path, progress: Progress, archives: tuple[Archive, ...] = ARCHIVES) -> Path:
    """Fetch what is not there yet and unpack it in COCO's layout into ``folder``, which is returned.

    Raises NotAvailable where COCO cannot be reached, BadData where other bytes arrive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        done = folder / f"{archive.url.rpartition('/')[2]}.unpacked"
        if not done.exists():
            path = download(archive, folder, progress)
            _unpack(path, archive, folder, progress)
            done.touch()
            path.unlink()
    return folder


def download(archive: Archive, folder: Path, progress: Progress) -> Path:
    """Fetch one archive, carrying on where an earlier run broke off. Returns its path."""
    path = folder / archive.url.rpartition("/")[2]
    if not path.exists():
        part = path.with_suffix(".part")
        try:
            _receive(archive, part, progress)
        except OSError as error:  # urllib's errors are OSErrors
            raise NotAvailable(f"{archive.url} cannot be fetched: {error}; run again, {BY_HAND}") from None
        part.rename(path)
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != archive.sha256:
            path.unlink()
            raise BadData(f"{archive.url} gave other bytes than expected; they were removed, run again")
    return path


def _receive(archive: Archive, part: Path, progress: Progress) -> None:
    there = part.stat().st_size if part.exists() else 0
    if there >= archive.size:
        return
    request = urllib.request.Request(archive.url, headers={"Range": f"bytes={there}-"} if there else {})
    with urllib.request.urlopen(request, timeout=60) as response:
        carries_on = response.status == HTTPStatus.PARTIAL_CONTENT
        with part.open("ab" if carries_on else "wb") as file:
            while piece := response.read(_PIECE):
                file.write(piece)
                progress(f"fetching {part.stem} (MB)", file.tell() >> 20, archive.size >> 20)


def _unpack(path: Path, archive: Archive, folder: Path, progress: Progress) -> None:
    try:
        with zipfile.ZipFile(path) as box:
            members = [member for member in box.infolist() if member.filename.startswith(archive.wanted)]
            for done, member in enumerate(members):
                progress(f"unpacking {path.name}", done, len(members))
                box.extract(member, folder)  # stays inside: extract drops '..' and leading slashes
    except zipfile.BadZipFile as error:
        path.unlink()
        raise BadData(f"{path.name} is broken ({error}) and was removed; run again") from None
