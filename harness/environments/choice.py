"""Choose the wheel of each pinned package, before a byte of it is fetched, or say why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

from harness.environments import index
from harness.environments.index import Published
from harness.environments.markers import wheel_tags
from harness.environments.pin import Pin
from harness.environments.pythons import Python
from harness.spec import OwnEnvironments
from harness.spec.errors import InvalidSubmission, NotAvailable

if TYPE_CHECKING:
    from packaging.tags import Tag

_AT_ONCE = 8
_MB = 1_000_000


def choose(pins: Sequence[Pin], python: Python, rules: OwnEnvironments, lock: str) -> list[Published]:
    """Return the wheel of each pin, in order; ``lock`` is the lock file's name, for messages.

    Raises InvalidSubmission where a package cannot be installed or there is too much, NotAvailable where no
    source answers.
    """
    if len(pins) > rules.most_packages:
        raise InvalidSubmission(
            f"{lock} names {len(pins)} packages, and the task allows {rules.most_packages}; name fewer"
        )
    tags = wheel_tags(python)
    sources = index.sources(rules.sources)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        wheels = list(pool.map(partial(_wheel, tags=tags, python=python, sources=sources, lock=lock), pins))
    size_mb = sum(wheel.size or 0 for wheel in wheels) / _MB
    if size_mb > rules.most_mb:
        raise too_large(size_mb, rules, {wheel.filename: (wheel.size or 0) / _MB for wheel in wheels})
    return wheels


def too_large(size_mb: float, rules: OwnEnvironments, parts: dict[str, float]) -> InvalidSubmission:
    """Return the error of an environment that is too large, with its largest ``parts`` in MB."""
    largest = sorted(parts, key=lambda name: -parts[name])[:3]
    named = ", ".join(f"{name.partition('-')[0]} {parts[name]:,.0f} MB" for name in largest)
    return InvalidSubmission(
        f"its packages take {size_mb:,.0f} MB, and the task allows {rules.most_mb:,} MB (largest: {named}); "
        "pin smaller ones, such as a build for the CPU alone"
    )


def _wheel(pin: Pin, tags: dict[Tag, int], python: Python, sources: Sequence[str], lock: str) -> Published:
    offered: list[Published] = []
    silent: dict[str, NotAvailable] = {}
    for source in sources:
        try:
            offered += index.files(pin.name, source)
        except NotAvailable as error:
            silent[source] = error
            continue
        fitting = [file for file in _of_version(offered, pin) if _rank(file, tags) is not None]
        meant = [file for file in fitting if file.sha256 in pin.hashes]
        if meant:
            return min(meant, key=lambda file: _rank(file, tags) or 0)
    answered = [source for source in sources if source not in silent]
    if not answered:
        raise next(iter(silent.values()))
    note = f" ({', '.join(silent)} gave no list of packages)" if silent else ""
    raise InvalidSubmission(f"{lock}: {_why(pin, offered, tags, python, answered)}{note}")


def _why(
    pin: Pin, offered: Sequence[Published], tags: dict[Tag, int], python: Python, sources: Sequence[str]
) -> str:
    """Say why no file fits a pin, and what to change."""
    places = " or ".join(sources)
    if not offered:
        return f"there is no package '{pin.name}' at {places}; correct its name or ship its files yourself"
    of_version = _of_version(offered, pin)
    if not of_version:
        return f"'{pin.name}' has no version {pin.version} at {places}; pin a published one and lock again"
    wheels = [file for file in of_version if file.filename.endswith(".whl")]
    if not wheels:
        return (
            f"'{pin.name}' {pin.version} is published as source code alone ({of_version[0].filename}), and "
            "environments are built from wheels: pin a version with a wheel, or ship its files yourself"
        )
    if not any(_rank(file, tags) is not None for file in wheels):
        made = sorted({file.filename.removesuffix(".whl").split("-", 2)[2] for file in wheels})
        return (
            f"'{pin.name}' {pin.version} has no wheel for Python {python.version} on this machine; it has "
            f"{', '.join(made[:6])}{'…' if len(made) > 6 else ''}: pin another version of it or of Python"
        )
    return (
        f"no hash of '{pin.name}' {pin.version} is that of its wheel at {places}; the lock file was changed "
        "by hand or made for other machines: lock again"
    )


def _of_version(files: Sequence[Published], pin: Pin) -> list[Published]:
    """Return the files of the pinned version, wheels and source code."""
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        parse_sdist_filename,
        parse_wheel_filename,
    )
    from packaging.version import InvalidVersion, Version

    try:
        wanted = Version(pin.version)
    except InvalidVersion:
        return []
    found = []
    for file in files:
        try:
            parse = parse_wheel_filename if file.filename.endswith(".whl") else parse_sdist_filename
            name, version = parse(file.filename)[:2]
        except (InvalidWheelFilename, InvalidSdistFilename, InvalidVersion):
            continue
        if version == wanted and name == pin.name:
            found.append(file)
    return found


def _rank(file: Published, tags: dict[Tag, int]) -> int | None:
    """Return how well a file fits an interpreter, the lower the better; None where it does not."""
    from packaging.utils import parse_wheel_filename

    if not file.filename.endswith(".whl"):
        return None
    ranks = [tags[tag] for tag in parse_wheel_filename(file.filename)[3] if tag in tags]
    return min(ranks, default=None)
