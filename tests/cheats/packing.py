"""Hands a cheat in as its file says: as it is, in a folder, or in an archive with odd members."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cheats.cheat import Cheat
    from tests.cheats.host_under_attack import Host


def handed_in(cheat: Cheat, host: Host, mark: str) -> Path:
    """Return the path of what is submitted. ``MARK`` in a member's name becomes this attempt's mark."""
    if not cheat.packed:
        return cheat.path
    folder = host.folder / "public" / f"entry-{mark.strip('x')[4:]}"
    members = {name.replace("MARK", mark): what for name, what in cheat.members.items()}
    pack = {"folder": _folder, "zip": _zip, "tar": _tar}[cheat.packed]
    return pack(folder, {"submission.py": cheat.path.read_text(), **members}, host.file)


def _folder(folder: Path, members: dict[str, str | int | tuple[str]], labels: Path) -> Path:
    folder.mkdir(mode=0o755)
    for name, what in members.items():
        if isinstance(what, tuple):
            (folder / name).symlink_to(labels)
        else:
            (folder / name).write_bytes(_content(what))
    return folder


def _zip(folder: Path, members: dict[str, str | int | tuple[str]], labels: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, what in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o120777 if isinstance(what, tuple) else 0o100644) << 16
            archive.writestr(info, str(labels) if isinstance(what, tuple) else _content(what))
    return path


def _tar(folder: Path, members: dict[str, str | int | tuple[str]], labels: Path) -> Path:
    path = folder.with_suffix(".tar.gz")
    kinds = {"link": tarfile.SYMTYPE, "hard link": tarfile.LNKTYPE, "device": tarfile.CHRTYPE}
    with tarfile.open(path, "w:gz") as archive:
        for name, what in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(what, tuple):
                info.type, info.linkname, info.devmajor, info.devminor = kinds[what[0]], str(labels), 1, 3
                archive.addfile(info)
            else:
                info.size = len(_content(what))
                archive.addfile(info, io.BytesIO(_content(what)))
    return path


def _content(what: str | int) -> bytes:
    return bytes(what) if isinstance(what, int) else what.encode()
