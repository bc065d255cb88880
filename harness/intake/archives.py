"""Check folders and archives before anything in them is used: only plain files within the limits count.

An archive is checked by its list of contents before a byte is written, and again by the bytes that come out
of it, because the contestant wrote the list.
"""

from __future__ import annotations

import errno
import lzma
import os
import shutil
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from harness.files import new_folder, sha256_of
from harness.spec import Limits
from harness.spec.errors import InvalidSubmission

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")
MOST_FILES = 10_000
MOST_RATIO = 200
"""How many times its own size an archive may unpack to; models hardly compress at all."""
RATIO_FROM = 16_000_000
"""Bytes below which the ratio is ignored: a file of zeros compresses a thousandfold."""
_DEEPEST = 32
_CURE = "pack the files of its folder again, as .zip or .tar.gz"
_LITTER = {"__pycache__", ".git", "__MACOSX", ".DS_Store"}
"""Left behind by tools; neither hashed nor shown to the submission, so nothing can hide in it."""
_CHUNK = 1 << 20
_DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, struct.error, EOFError),
    *(NotImplementedError, RuntimeError, OverflowError, UnicodeDecodeError),
)
"""What reading a damaged archive raises."""


@dataclass(frozen=True)
class Member:
    """One file of an archive: its path and size as the archive states them, and how it is opened."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def is_archive(path: Path) -> bool:
    """Return whether a file has the name of an archive."""
    return path.name.lower().endswith(ARCHIVES) and path.is_file()


def files(path: Path) -> Iterator[tuple[str, Path]]:
    """Yield every file of a submission in a fixed order, with its relative name.

    Raises InvalidSubmission for links, devices, pipes and sockets: a link may lead anywhere.
    """
    if path.is_file() and not path.is_symlink():
        yield path.name, path
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(set(folders) - _LITTER)
        for name in sorted([*set(names) - _LITTER, *folders]):
            file = Path(folder, name)
            mode = file.lstat().st_mode
            if stat.S_ISREG(mode):
                yield str(file.relative_to(path)), file
            elif not stat.S_ISDIR(mode):
                raise InvalidSubmission(f"{file.relative_to(path)} is a link or a device; ship plain files")


def unpack(archive: Path, store: Path, limits: Limits) -> Path:
    """Unpack an archive into a folder of ``store`` named by its hash, whole or not at all.

    Returns the submission: the folder, or the only file or folder in it. An archive that was unpacked before
    is not unpacked again. Raises InvalidSubmission for anything that is not plain files
    within the folder and the limits.
    """
    most = int(limits.submission_mb * 1_000_000)
    if archive.stat().st_size > most:
        raise InvalidSubmission(f"{archive.name} is larger than {limits.submission_mb} MB")
    target = store / sha256_of(archive)[:24]
    if not target.exists():
        with new_folder(target) as folder, _members(archive) as members:
            _write(archive, members, folder, most)
    inside = list(target.iterdir())
    return inside[0] if len(inside) == 1 else target


def tidy(folder: Path, sha256: str, store: Path) -> Path:
    """Return the folder, or a copy without what tools left in it: what is hashed is what runs."""
    if not any(_LITTER & {*folders, *names} for _, folders, names in os.walk(folder)):
        return folder
    target = store / sha256[:24] / folder.name
    if not target.exists():
        with new_folder(target) as clean:
            for name, file in files(folder):
                (clean / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, clean / name)
    return target


def _write(archive: Path, members: Iterable[Member], folder: Path, most: int) -> None:
    limit = max(RATIO_FROM, MOST_RATIO * archive.stat().st_size)
    limit, why = min((most, f"{most // 1_000_000} MB"), (limit, f"{MOST_RATIO} times its own size"))
    chosen, promised = [], 0
    for member in members:
        path = _inside(archive, member.name)
        if not _LITTER & {*path.parts}:
            chosen.append((member, path))
        promised += member.size
        if len(chosen) > MOST_FILES:
            raise InvalidSubmission(f"{archive.name} holds more than {MOST_FILES:,} files")
        if promised > limit:
            raise InvalidSubmission(f"{archive.name} unpacks to more than {why}")
    left = limit
    for member, path in chosen:
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with member.open() as source, file.open("xb") as target:
            while data := source.read(_CHUNK):
                left -= len(data)
                if left < 0:
                    raise InvalidSubmission(f"{archive.name} unpacks to more than {why}")
                target.write(data)
        file.chmod(0o644)


def _inside(archive: Path, name: str) -> Path:
    """Return the path of a member. Raises InvalidSubmission unless it is a plain relative path."""
    path = PurePosixPath(name)
    forbidden = "\\" in name or "\0" in name or not name.isprintable() or len(name) > 1000
    if forbidden or path.is_absolute() or ".." in path.parts or not path.parts or len(path.parts) > _DEEPEST:
        raise InvalidSubmission(f"{archive.name} holds a path that leads out of it: {name[:80]!r}; {_CURE}")
    return Path(*path.parts)


@contextmanager
def _members(archive: Path) -> Iterator[Iterable[Member]]:
    """Open an archive and yield its files in order. Raises InvalidSubmission if it cannot be read."""
    try:
        if archive.suffix.lower() == ".zip":
            with zipfile.ZipFile(archive) as zipped:
                yield _zipped(archive, zipped)
        else:
            with tarfile.open(archive) as tape:
                yield _taped(archive, tape)
    except _DAMAGED as error:
        raise InvalidSubmission(f"{archive.name} cannot be unpacked: {error}; {_CURE}") from error
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise InvalidSubmission(f"{archive.name} holds two entries under one name; {_CURE}") from error
    except OSError as error:
        if error.errno not in {None, errno.EINVAL, errno.ENAMETOOLONG}:  # None: of a decompressor
            raise
        raise InvalidSubmission(f"{archive.name} cannot be unpacked: {error}; {_CURE}") from error


def _zipped(archive: Path, zipped: zipfile.ZipFile) -> Iterator[Member]:
    for info in zipped.infolist():
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise InvalidSubmission(
                f"{archive.name}: {info.filename[:80]!r} is a link or a device; pack plain files"
            )
        if not info.is_dir():
            yield Member(info.filename, info.file_size, lambda info=info: zipped.open(info))  # type: ignore[misc]


def _taped(archive: Path, tape: tarfile.TarFile) -> Iterator[Member]:
    for info in tape:
        if info.isdir():
            continue
        if not info.isreg() or info.issparse():
            raise InvalidSubmission(
                f"{archive.name}: {info.name[:80]!r} is a link or a device; pack plain files"
            )
        yield Member(info.name, info.size, lambda info=info: _opened(tape, info))  # type: ignore[misc]


def _opened(tape: tarfile.TarFile, info: tarfile.TarInfo) -> IO[bytes]:
    stream = tape.extractfile(info)
    assert stream, "regular files can be read"
    return stream
