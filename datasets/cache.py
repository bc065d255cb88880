"""The one place where a prepared dataset comes into being: whole, verified, or not at all.

CACHE/KEY/public, CACHE/KEY/private (mode 0700)     what the dataset's ``build`` wrote
CACHE/KEY/manifest.json                             every file's size and SHA-256
CACHE/.KEY.building                                 while it is being built
CACHE/.KEY.lock                                     held by whoever builds or verifies it
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.spec import Prepared, Progress, no_progress

MANIFEST = "manifest.json"


class File(BaseModel):
    """One file as it was built."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a prepared dataset consists of. ``recipe`` says how it was made, ``files`` has relative paths."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    sha256: str
    recipe: str
    files: Mapping[str, File]


def materialise(
    cache: Path,
    key: str,
    build: Callable[[Path], None],
    *,
    name: str,
    variant: str,
    recipe: str = "",
    progress: Progress = no_progress,
    thorough: bool = False,
) -> Prepared:
    """Return the dataset ``key`` of the cache, built by ``build(folder)`` unless it is there and sound.

    ``build`` finds empty ``folder/public`` and ``folder/private``; where it raises, nothing stays behind.
    What is there is verified: names, sizes and the bytes of every table always, the bytes of all files
    if ``thorough``. A damaged dataset, or one of another ``recipe``, is built anew. Two runs at once build
    it once.
    """
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / key
    with _lock(cache, key, progress):
        _sweep(cache, key)
        fault = _fault(folder, recipe, thorough, progress) if folder.exists() else "it is new"
        if fault:
            if folder.exists():
                progress(f"building {key} again: {fault}", 0, 0)
            _build(folder, cache / f".{key}.building", build, recipe, progress)
        manifest = _manifest(folder)
    return Prepared(name, variant, manifest.sha256, folder / "public", folder / "private")


def _build(
    folder: Path, scratch: Path, build: Callable[[Path], None], recipe: str, progress: Progress
) -> None:
    try:
        scratch.mkdir()
        (scratch / "public").mkdir()
        (scratch / "private").mkdir(mode=0o700)
        build(scratch)
        files = _files(scratch)
        hashed = {}
        for done, (path, size) in enumerate(files.items()):
            progress("taking checksums", done, len(files))
            hashed[path] = File(size=size, sha256=_sha256(scratch / path))
        manifest = Manifest(sha256=_overall(hashed), recipe=recipe, files=hashed)
        (scratch / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        scratch.rename(folder)
    finally:
        # Also on Ctrl-C; after the rename there is nothing left to remove.
        shutil.rmtree(scratch, ignore_errors=True)


def _fault(folder: Path, recipe: str, thorough: bool, progress: Progress) -> str | None:
    """Say what is wrong with a dataset in the cache, or None."""
    try:
        manifest = _manifest(folder)
    except (OSError, ValidationError):
        return "its manifest cannot be read"
    if manifest.recipe != recipe:
        return "its recipe has changed"
    sizes = _files(folder)
    if odd := sizes.keys() ^ manifest.files.keys():
        return f"{min(odd)} is {'missing' if min(odd) in manifest.files else 'not part of it'}"
    for done, (path, file) in enumerate(manifest.files.items()):
        if thorough:
            progress("verifying checksums", done, len(sizes))
        read_all = thorough or path.endswith(".csv")
        if sizes[path] != file.size or (read_all and _sha256(folder / path) != file.sha256):
            return f"{path} was changed"
    return None if manifest.sha256 == _overall(manifest.files) else "its manifest was changed"


def _manifest(folder: Path) -> Manifest:
    return Manifest.model_validate_json((folder / MANIFEST).read_bytes())


def _overall(files: Mapping[str, File]) -> str:
    """One hash over all names, sizes and contents: which bytes, and in which part of the split."""
    lines = (f"{path}\0{file.size}\0{file.sha256}\n" for path, file in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _files(folder: Path) -> dict[str, int]:
    """Relative path -> size of every file but the manifest, sorted; links are not followed."""
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    sizes = {path.relative_to(folder).as_posix(): path.lstat().st_size for path in paths}
    sizes.pop(MANIFEST, None)
    return sizes


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def _lock(cache: Path, key: str, progress: Progress) -> Iterator[None]:
    """Hold the key's lock; the kernel lets go of it when the process ends, however it ends."""
    with (cache / f".{key}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another run that prepares {key}", 0, 0)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(cache: Path, own: str) -> None:
    """Remove what dead runs left half-built: whatever lies under a lock that nobody holds."""
    for leftover in cache.glob(".*.building"):
        key = leftover.name.removeprefix(".").removesuffix(".building")
        with (cache / f".{key}.lock").open("a") as file:
            try:
                if key != own:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(leftover)
