"""What tells wheels and markers apart: an interpreter's environment markers and the tags of its wheels."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from harness.environments.pythons import Python

if TYPE_CHECKING:
    from packaging.tags import Tag


def python_markers(python: Python) -> dict[str, str]:
    """Return the environment markers (PEP 508) of an interpreter on this machine."""
    from packaging.markers import default_environment

    return {
        **{name: str(value) for name, value in default_environment().items()},
        "python_version": ".".join(map(str, python.minor)),
        "python_full_version": python.version,
        "implementation_version": python.version,
    }


def wheel_tags(python: Python) -> dict[Tag, int]:
    """Return the tags of the wheels that an interpreter runs; the lower the number, the better."""
    from packaging import tags

    abis = [f"cp{python.minor[0]}{python.minor[1]}"]
    interpreter = abis[0]
    fitting = chain(
        tags.cpython_tags(python.minor, abis),
        tags.compatible_tags(python.minor, interpreter),
    )
    return {tag: rank for rank, tag in reversed(list(enumerate(fitting)))}
