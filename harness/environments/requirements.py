"""A ``requirements.txt`` in which every line is pinned and hashed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.environments.markers import python_markers
from harness.environments.pin import Pin
from harness.environments.pythons import Python
from harness.spec.errors import InvalidSubmission

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_HASH = re.compile(r"\s--hash=(\w+):(\S+)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LOCKED = "run 'uv pip compile --generate-hashes requirements.in -o requirements.txt'"


def pins(name: str, text: str, python: Python) -> list[Pin]:
    """Return what a file of that name pins for an interpreter. Raises InvalidSubmission."""
    found: dict[str, Pin] = {}
    for number, line in _lines(text):
        where = f"{name}, line {number}"
        if line.startswith("-"):
            raise InvalidSubmission(
                f"{where}: the option {line.split()[0].partition('=')[0]} is not used here; "
                "name packages with their versions and hashes alone"
            )
        pin = _pin(where, line, python)
        if pin and pin.name in found:
            raise InvalidSubmission(f"{where}: '{pin.name}' is named twice; keep one line")
        if pin:
            found[pin.name] = pin
    return list(found.values())


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each requirement with the number of its first line; a backslash continues a line."""
    first, parts = 0, list[str]()
    for number, raw in enumerate(text.splitlines(), 1):
        line = re.sub(r"(^|\s)#.*$", "", raw).rstrip()
        first = first if parts else number
        parts.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            if joined := " ".join(filter(None, parts)):
                yield first, joined
            parts = []
    if joined := " ".join(filter(None, parts)):
        yield first, joined


def _pin(where: str, line: str, python: Python) -> Pin | None:
    """Return the pin of one line, None where it is meant for another machine."""
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    hashes = _HASH.findall(line)
    try:
        wanted = Requirement(_HASH.sub("", line))
    except InvalidRequirement as error:
        raise InvalidSubmission(f"{where}: {str(error).splitlines()[0]}; {_LOCKED}") from None
    if wanted.url:
        raise InvalidSubmission(
            f"{where}: '{wanted.name}' comes from an address; only published packages are installed: "
            "pin a published version, or put its files into your folder"
        )
    if wanted.marker and not wanted.marker.evaluate(python_markers(python)):
        return None
    sha256 = {digest for kind, digest in hashes if kind == "sha256" and _SHA256.fullmatch(digest)}
    if not sha256:
        raise InvalidSubmission(f"{where}: '{wanted.name}' has no --hash=sha256:…; {_LOCKED}")
    return Pin(str(canonicalize_name(wanted.name)), _version(where, wanted), frozenset(sha256))


def _version(where: str, wanted: Requirement) -> str:
    """Return the one version that a requirement allows."""
    exact = [one for one in wanted.specifier if one.operator in {"==", "==="} and "*" not in one.version]
    if len(exact) != 1 or len(wanted.specifier) != 1:
        raise InvalidSubmission(f"{where}: '{wanted.name}' is not pinned with == to one version; {_LOCKED}")
    return exact[0].version
