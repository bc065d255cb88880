"""What a shipped entry needs beside its own files: code it shares with others, files out of npm packages.

The entry's folder lists them in ``needs.json``:

    [{"file": "ssl_views.py", "shared": "_ssl/ssl_views.py"},
     {"file": "model.tflite", "package": "@mediapipe/pose", "version": "0.5.1675469404",
      "member": "pose_landmark_lite.tflite", "sha256": "f17b…"}]

``file`` is its name in the entry, ``shared`` its path below the folder of all entries, so that entries of
several tasks can share it. The entry is assembled in a cache, as one folder with its own files and those it
needs; nothing is written beside the sources. A contestant's ``needs.json`` is never read.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from harness.files import new_folder, sha256_of
from harness.intake import archives
from harness.intake.packages import PackagedFile, PlainName, fetch
from harness.spec import Progress, no_progress
from harness.spec.errors import BadData

NEEDS = "needs.json"


class SharedFile(BaseModel):
    """One file that several entries share."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    file: PlainName
    shared: Annotated[str, StringConstraints(pattern=r"^_[a-z0-9_]+/[A-Za-z0-9_.-]+$")]


def needs(entry: Path) -> list[PackagedFile | SharedFile]:
    """Return what an entry's ``needs.json`` lists. Raises BadData if it is not a list of pinned files."""
    path = entry / NEEDS
    try:
        return TypeAdapter(list[PackagedFile | SharedFile]).validate_json(path.read_bytes())
    except ValidationError as errors:
        first = errors.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadData(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def assemble(entry: Path, cache: Path, packages: Path, progress: Progress = no_progress) -> Path:
    """Return a folder of ``cache``, called as the entry, with its own files and those it needs.

    Shared files lie below ``entry.parent.parent``; a needed file replaces an own one of the same name. npm
    packages are kept in ``packages``. What is assembled already is verified, not made again. Raises BadData
    for a wrong ``needs.json``, a missing shared file or other bytes, and NotAvailable if npm is missing or
    cannot fetch a package.
    """
    wanted = needs(entry)
    packaged = {need.file: need for need in wanted if isinstance(need, PackagedFile)}
    shared = {need.file: entry.parent.parent / need.shared for need in wanted if isinstance(need, SharedFile)}
    own = {name: path for name, path in archives.files(entry) if name != NEEDS and name not in packaged}
    sources = own | shared
    try:
        digests = {name: sha256_of(path) for name, path in sources.items()}
    except OSError as error:
        raise BadData(f"{entry / NEEDS} needs {error.filename}, which cannot be read") from None
    digests |= {name: need.sha256 for name, need in packaged.items()}
    target = cache / _digest(digests) / entry.name
    if target.is_dir():
        if {name: sha256_of(path) for name, path in archives.files(target)} == digests:
            return target
        shutil.rmtree(target)
    with new_folder(target) as folder:
        for name, path in sources.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, folder / name)
        for name, need in packaged.items():
            (folder / name).write_bytes(fetch(need, packages, progress))
    return target


def _digest(digests: dict[str, str]) -> str:
    lines = (f"{name}\0{digest}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:24]
