"""Download, verify and unpack COCO 2017's validation photographs and annotations.

Annotations are CC BY 4.0, the photographs keep their own terms (cocodataset.org/#termsofuse).
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

from datasets.downloads import download
from harness.spec import Progress
from harness.spec.errors import BadData

BY_HAND = "get COCO 2017 some other way and point --from at the folder with annotations/ and val2017/"


@dataclass(frozen=True)
class Archive:
    """One of COCO's archives; the members whose path begins with ``wanted`` are unpacked."""

    url: str
    sha256: str
    wanted: str


ARCHIVES = (
    Archive(
        "http://images.cocodataset.org/annotations/annotations_trainval2017.zip",
        "113a836d90195ee1f884e704da6304dfaaecff1f023f49b6ca93c4aaae470268",
        "annotations/instances_val2017.json",
    ),
    Archive(
        "http://images.cocodataset.org/zips/val2017.zip",
        "4f7e2ccb2866ec5041993c9cf2a952bbed69647b115d0f74da7ce8f4bef82f05",
        "val2017/",
    ),
)


def fetch(folder: Path, progress: Progress, archives: tuple[Archive, ...] = ARCHIVES) -> Path:
    """Download what is not there yet, unpack it in COCO's layout into ``folder``, and return that.

    Raises NotAvailable if COCO cannot be reached, BadData if other bytes arrive.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for archive in archives:
        done = folder / f"{archive.url.rpartition('/')[2]}.unpacked"
        if not done.exists():
            path = download(archive.url, folder, archive.sha256, BY_HAND, progress)
            _unpack(path, archive, folder, progress)
            done.touch()
            path.unlink()
    return folder


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
