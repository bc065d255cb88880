"""Keep cores awake while something is timed: on a sleeping core an answer begins late.

While the file below is open, Linux uses no idle state that takes longer to leave than the number written
to it (admin-guide/pm/cpuidle.rst, "Power Management Quality of Service for CPUs"). cyclictest does the same.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress

_DEVICE = "/dev/cpu_dma_latency"


def allowed() -> bool:
    """Whether the kernel lets this user keep cores awake; by default only root may, outside of containers."""
    trial = CoresAwake()
    trial.release()
    return trial.granted


class CoresAwake:
    """Keeps the cores awake from now until ``release``, where that is allowed."""

    def __init__(self) -> None:
        self._fd = -1
        self.granted = False
        with suppress(OSError):
            self._fd = os.open(_DEVICE, os.O_WRONLY | os.O_CLOEXEC)
            self.granted = os.write(self._fd, struct.pack("i", 0)) == 4  # microseconds

    def release(self) -> None:
        """Let the cores sleep again. Idempotent."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
