"""Build the environment that a lock file asks for, once; whoever asks for the same one again shares it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

from harness.environments import choice, pythons, uv, wheels
from harness.environments.lockfile import Lock
from harness.environments.pythons import Python
from harness.environments.turns import turn
from harness.files import new_folder, read_given
from harness.spec import Environment, OwnEnvironments, Progress
from harness.spec.errors import BadData, InvalidSubmission, NotAvailable

_LAYOUT = 1
"""Raised when environments are laid out anew, so that older ones are not used."""
_DESCRIPTION = "environment.json"
_COMPILE_S = 900


def environment(lock: Lock, rules: OwnEnvironments, store: Path, progress: Progress) -> Environment:
    """Return the environment of a lock file, out of ``store`` or built there, whole or not at all.

    Raises InvalidSubmission where the task does not allow it or it cannot be built, with the package and the
    cure; NotAvailable where this machine lacks the Python or room on its disk, or no source of packages
    answers.
    """
    if not rules.allowed:
        raise InvalidSubmission(
            f"this task allows no packages beside the stock ones; remove {lock.name} and use those"
        )
    try:
        made = built("own", lock, pythons.find(lock.python(), lock.name), rules, store, progress)
    except OSError as error:
        raise NotAvailable(
            f"the environment of {lock.name} cannot be made in {store}: {error.strerror or error}; make room"
        ) from None
    if made.size > rules.most_mb * 1_000_000:
        raise choice.too_large(made.size / 1e6, rules, {})
    if len(made.versions) > rules.most_packages:
        raise InvalidSubmission(f"{lock.name} names more than {rules.most_packages} packages; name fewer")
    return made


def found(kind: str, lock: Lock, python: Python, store: Path) -> Environment | None:
    """Return the environment of a lock file for an interpreter, None where ``store`` has none."""
    folder = _folder(kind, lock, python, store)
    return _read(folder) if (folder / _DESCRIPTION).is_file() else None


def built(
    kind: str, lock: Lock, python: Python, rules: OwnEnvironments, store: Path, progress: Progress
) -> Environment:
    """Return the environment of a lock file for an interpreter, built where ``store`` has none.

    Processes that ask for the same one at once build it once. Raises InvalidSubmission, NotAvailable; OSError
    where it cannot be written.
    """
    folder, title = _folder(kind, lock, python, store), f"{kind} environment"
    if not (folder / _DESCRIPTION).is_file():
        with turn(store / f".{folder.name}.lock", title, progress):
            if not (folder / _DESCRIPTION).is_file():
                _build(lock, python, rules, folder, _under(title, progress))
    return _read(folder)


def _under(title: str, progress: Progress) -> Progress:
    def told(what: str, done: int, total: int) -> None:
        progress(f"{title}: {what}", done, total)

    return told


def _folder(kind: str, lock: Lock, python: Python, store: Path) -> Path:
    made_for = f"{_LAYOUT} {python.program} {python.version} {platform.machine()} {platform.libc_ver()}"
    key = hashlib.sha256(made_for.encode() + b"\0" + lock.bytes()).hexdigest()[:24]
    return store / f"{kind}-{key}"


def _build(lock: Lock, python: Python, rules: OwnEnvironments, folder: Path, progress: Progress) -> None:
    progress(f"finding the packages of {lock.name}", 0, 0)
    chosen = choice.choose(lock.pins(python), python, rules, lock.name)
    building = folder.with_name(f".building-{folder.name}")
    shutil.rmtree(building, ignore_errors=True)  # of a process that was killed
    with new_folder(folder, building):
        saved = building / "wheels"
        saved.mkdir()
        fetched = wheels.fetch(chosen, saved, rules, progress)
        site = building / "lib" / "python{}.{}".format(*python.minor) / "site-packages"
        site.mkdir(parents=True)
        progress(f"unpacking {len(chosen)} packages", 0, 0)
        if chosen:
            uv.install(fetched.paths, site, python, fetched.largest)
        shutil.rmtree(saved)
        progress("compiling to bytecode", 0, 0)
        _compile(site, python)
        (building / "bin").mkdir()
        (building / "bin" / "python").symlink_to(python.program)
        (building / "pyvenv.cfg").write_text(f"home = {python.program.parent}\nversion = {python.version}\n")
        described = {
            "python_version": python.version,
            "versions": _versions(site),
            "size": _size(building),
        }
        (building / _DESCRIPTION).write_text(json.dumps(described, indent=1))


def _compile(site: Path, python: Python) -> None:
    """Compile packages to bytecode, which the read-only sandbox could not keep.

    The interpreter starts without them (``-S``): no ``.pth`` file and no ``sitecustomize`` is run. A file
    that cannot be compiled is left to the sandbox.
    """
    command = [str(python.program), "-I", "-S", "-m", "compileall", "-q", "-j", "2"]
    try:
        subprocess.run(
            [*command, "--invalidation-mode", "unchecked-hash", str(site)],
            env={"PATH": "/usr/bin:/bin"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_COMPILE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return


def _versions(site: Path) -> dict[str, str]:
    """Return the version of each package in a folder of packages, by name."""
    found = importlib.metadata.distributions(path=[str(site)])
    return dict(sorted((package.name, package.version) for package in found if package.name))


def _size(folder: Path) -> int:
    return sum(Path(root, name).lstat().st_size for root, _, names in os.walk(folder) for name in names)


def _read(folder: Path) -> Environment:
    try:
        described = json.loads(read_given(folder / _DESCRIPTION))
        return Environment(folder.name, folder / "bin" / "python", **described)
    except (OSError, ValueError, TypeError) as error:
        raise BadData(
            f"{folder / _DESCRIPTION} is damaged ({error}); remove {folder} and run again"
        ) from None
