"""Files and folders that appear whole or not at all, and checksums of files."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


@contextlib.contextmanager
def new_folder(target: Path, building: Path | None = None) -> Iterator[Path]:
    """Yield an empty folder beside ``target`` that is renamed to ``target`` when the block ends.

    Where the block raises, also on Ctrl-C, the folder is removed and ``target`` stays as it was. Where
    another process made ``target`` meanwhile, that one is kept. ``building`` is the folder's name until
    then; by default it is a random one.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    if building is None:
        building = Path(tempfile.mkdtemp(prefix=".building-", dir=target.parent))
    else:
        building.mkdir()
    try:
        yield building
        building.chmod(0o755)
        try:
            building.rename(target)
        except OSError:
            if not target.is_dir():
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that readers see the old content or the new one, never a part of it."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        new = Path(file.name)
        try:
            file.write(data)
            file.flush()
            new.chmod(0o644)
            new.replace(path)
        finally:
            new.unlink(missing_ok=True)


def draw_once(path: Path, draw: Callable[[], str]) -> str:
    """Return the secret that is kept in ``path``; where there is none, ``draw`` makes it.

    Only the owner may read it. Processes and threads at the same time all get the one that was there first.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        drawn = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
            new.write(draw())
        try:
            path.hardlink_to(drawn)
        except FileExistsError:
            pass
        finally:
            drawn.unlink()
    return plain_file(path).read_text("utf-8", "replace")


def plain_file(path: Path, most_bytes: int = 8_000_000_000) -> Path:
    """Return the path of a plain file.

    Raises OSError for anything else, such as a device or a pipe, which may never end, and for a larger file.
    """
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.ENODEV, "it is a device or a pipe, not a plain file", str(path))
    if status.st_size > most_bytes:
        raise OSError(errno.EFBIG, f"it is larger than {most_bytes:,} bytes", str(path))
    return path


def read_given(path: Path, most_bytes: int = 2_000_000_000) -> bytes:
    """Return the bytes of a file that somebody named or changed. Raises OSError, see ``plain_file``."""
    return plain_file(path, most_bytes).read_bytes()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
