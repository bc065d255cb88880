"""Hardware classes: times are compared only where they were measured on machines that are alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

_TOLD = ("cpu", "architecture", "cores", "memory_mb", "kernel")
_GIB = 2**30 / 1e6


def hardware_class(machine: Mapping[str, object], isolation: int) -> str:
    """Return six hexadecimal digits that are equal for machines that may be compared.

    They stand for the CPU's model, architecture and number of cores, the memory in GiB, the GPUs, the first
    two numbers of the kernel's version, and the isolation level. ``machine`` is the description in a
    record; where it lacks one of these (records of other harnesses), the class is empty.
    """
    if any(name not in machine for name in _TOLD):
        return ""
    memory_gib = round(float(str(machine["memory_mb"])) / _GIB)
    kernel = ".".join(str(machine["kernel"]).split(".")[:2])
    parts = (machine["cpu"], machine["architecture"], machine["cores"], memory_gib, kernel)
    identity = "|".join(map(str, (*parts, machine.get("gpu", ""), isolation)))
    return hashlib.sha256(identity.encode()).hexdigest()[:6]
