"""Build datasets into the cache: a dataset is there whole and verified, or not at all.

CACHE/KEY/public, CACHE/KEY/private (mode 0700)     what the dataset's ``build`` wrote
CACHE/KEY/manifest.json                             every file's size and SHA-256
CACHE/.KEY.building                                 while it is being built
CACHE/.KEY.lock                                     locked by the process that builds or verifies it
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from harness.files import new_folder, sha256_of
from harness.spec import Prepared, Progress, no_progress

MANIFEST = "manifest.json"


class File(BaseModel):
    """One file as it was built."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    size: int
    sha256: str


class Manifest(BaseModel):
    """What a prepared dataset consists of: how it was made (``recipe``), and its files by relative path."""

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
    """Return the dataset ``key`` of the cache, built by ``build(folder)`` unless it is there and intact.

    ``build`` fills the empty ``folder/public`` and ``folder/private``; if it raises, nothing is left behind.
    A dataset that is there is verified: names, sizes and the bytes of every table always, the bytes of all
    files if ``thorough``. One that is damaged or has another ``recipe`` is built again. Two processes at the
    same time build it once.
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
    folder: Path, building: Path, build: Callable[[Path], None], recipe: str, progress: Progress
) -> None:
    with new_folder(folder, building) as new:
        (new / "public").mkdir()
        (new / "private").mkdir(mode=0o700)
        build(new)
        sizes, files = _sizes(new), {}
        for done, (path, size) in enumerate(sizes.items()):
            progress("computing checksums", done, len(sizes))
            files[path] = File(size=size, sha256=sha256_of(new / path))
        manifest = Manifest(sha256=_overall(files), recipe=recipe, files=files)
        (new / MANIFEST).write_text(manifest.model_dump_json(indent=1), encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)


def _fault(folder: Path, recipe: str, thorough: bool, progress: Progress) -> str | None:
    """Say what is wrong with a dataset in the cache, or None."""
    try:
        manifest = _manifest(folder)
    except (OSError, ValidationError):
        return "its manifest cannot be read"
    if manifest.recipe != recipe:
        return "its recipe has changed"
    sizes = _sizes(folder)
    if differing := sizes.keys() ^ manifest.files.keys():
        first = min(differing)
        return f"{first} is {'missing' if first in manifest.files else 'not part of it'}"
    for done, (path, file) in enumerate(manifest.files.items()):
        if thorough:
            progress("verifying checksums", done, len(sizes))
        read_all = thorough or path.endswith(".csv")
        if sizes[path] != file.size or (read_all and sha256_of(folder / path) != file.sha256):
            return f"{path} was changed"
    return None if manifest.sha256 == _overall(manifest.files) else "its manifest was changed"


def _manifest(folder: Path) -> Manifest:
    return Manifest.model_validate_json((folder / MANIFEST).read_bytes())


def _overall(files: Mapping[str, File]) -> str:
    """Return one hash over the names (which include the part of the split), sizes and bytes of all files."""
    lines = (f"{path}\0{file.size}\0{file.sha256}\n" for path, file in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sizes(folder: Path) -> dict[str, int]:
    """Return relative path -> size of every file but the manifest, sorted; links are not followed."""
    paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    sizes = {path.relative_to(folder).as_posix(): path.lstat().st_size for path in paths}
    sizes.pop(MANIFEST, None)
    return sizes


@contextlib.contextmanager
def _lock(cache: Path, key: str, progress: Progress) -> Iterator[None]:
    """Hold the lock of a key; the kernel releases it when the process ends, however it ends."""
    with (cache / f".{key}.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"waiting for another process that prepares {key}", 0, 0)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(cache: Path, own: str) -> None:
    """Remove the half-built folders of processes that died: those whose lock is free."""
    for leftover in cache.glob(".*.building"):
        key = leftover.name.removeprefix(".").removesuffix(".building")
        with (cache / f".{key}.lock").open("a") as file:
            try:
                if key != own:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(leftover)
