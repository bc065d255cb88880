"""The version of the code: machines that measure for one board must run the same."""

from __future__ import annotations

import functools
import hashlib

from harness import ROOT
from harness.spec.errors import NotAvailable

_ROOMS = (
    *("harness", "datasets", "tasks", "submissions", "machines", "requirements"),
    *("competitions/rules", "competitions/evaluation"),
)


@functools.cache
def code_version() -> str:
    """Return the version that this process runs."""
    return version_on_disk()


def check_version(needed: str) -> None:
    """Raise NotAvailable where this process runs another version, or its files were changed meanwhile."""
    for version in (code_version(), version_on_disk()):
        if version != needed:
            raise NotAvailable(
                f"this machine runs code version {version}, the host needs {needed}; "
                "install the same commit and join again"
            )


def version_on_disk() -> str:
    """Return a hash of the files that decide what is measured and scored, as 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{path.relative_to(ROOT).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()[:16]
