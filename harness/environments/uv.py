"""The program ``uv``, which reads its own lock files and unpacks wheels; no code of a package runs here."""

from __future__ import annotations

import errno
import os
import re
import resource
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from harness.environments.pythons import Python
from harness.spec.errors import InvalidSubmission, NotAvailable

LONGEST_S = 600
MB = 1_000_000
FULL = (errno.ENOSPC, errno.EDQUOT)
"""The numbers of the errors that say that a disk, or one's share of it, is full."""
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)")
_SETTLED = ("--offline", "--no-config", "--no-python-downloads", "--no-progress", "--color", "never")


def exported(lock: Path, python: Python) -> dict[str, Any]:
    """Return what a ``uv.lock`` locks, in the form of a ``pylock.toml``. Raises InvalidSubmission."""
    with tempfile.TemporaryDirectory(prefix="photofinish-") as folder:
        for name in (lock.name, "pyproject.toml"):
            shutil.copyfile(lock.with_name(name), Path(folder, name))
        options = ("--frozen", "--no-build", "--no-emit-project", "--no-default-groups")
        run = _run(["export", *options, "--python", str(python.program), "--format", "pylock.toml"], folder)
    if run.returncode:
        raise InvalidSubmission(f"uv.lock cannot be used: {_reason(run.stderr)}; run 'uv lock' again")
    return tomllib.loads(run.stdout)


def install(wheels: Sequence[Path], target: Path, python: Python, largest: int) -> None:
    """Unpack wheels into a folder of packages; no file in them may have more than ``largest`` bytes.

    ``uv`` unpacks into a cache beside the folder and links the files from there, so that they take their room
    once. Raises InvalidSubmission where a wheel is broken or its files are larger than its list of contents
    says; OSError where the disk is full.
    """
    options = (
        "--no-index",
        "--no-deps",
        "--no-build",
        "--link-mode",
        "hardlink",
        "--python",
        str(python.program),
    )
    command = ["pip", "install", *options, "--target", str(target), *map(str, wheels)]
    with tempfile.TemporaryDirectory(prefix=".uv-", dir=target.parent) as cache_folder:
        run = _run([*command, "--cache-dir", cache_folder], str(target.parent), largest)
    if run.returncode:
        for number in map(int, _SYSTEM_ERROR.findall(run.stderr)):
            if number in FULL:
                raise OSError(number, os.strerror(number))
        raise InvalidSubmission(f"its packages cannot be unpacked: {_reason(run.stderr)}; pin other versions")


def _run(arguments: Sequence[str], folder: str, largest: int = MB) -> subprocess.CompletedProcess[str]:
    """Run ``uv``; no file that it writes may be larger than ``largest`` bytes, and a MB."""
    command = [_program(), *arguments, *_SETTLED]
    environment = {"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder}
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (largest + MB, largest + MB))
        try:
            printed, errors = process.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            process.kill()
            raise InvalidSubmission(f"its packages took over {LONGEST_S} s to unpack; pin fewer") from None
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(command, process.returncode, printed, errors)


@cache
def _program() -> str:
    """Find ``uv``. Raises NotAvailable where it is not installed."""
    try:
        from uv import find_uv_bin

        return os.fsdecode(find_uv_bin())
    except (ImportError, FileNotFoundError):
        program = shutil.which("uv")
    if program is None:
        raise NotAvailable("uv is missing, which builds environments; run 'make setup'")
    return program


def _reason(errors: str) -> str:
    """Return the last cause that uv names, on one line."""
    lines = [" ".join(line.split()) for line in errors.splitlines() if line.strip()]
    causes = [line.partition(": ")[2] for line in lines if line.startswith(("error: ", "cause: "))]
    return (causes or lines or ["a file in them is larger than their list of contents says"])[-1][:300]
