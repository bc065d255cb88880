"""Joules from a counter, never an estimate: RAPL (powercap) for the CPU, NVML for a GPU."""

from __future__ import annotations

from pathlib import Path

_RAPL = Path("/sys/class/powercap/intel-rapl:0")


def cpu_joules() -> float | None:
    """The package's energy counter in joules, or None where there is none to read. It wraps around."""
    try:
        return int((_RAPL / "energy_uj").read_text()) / 1e6
    except (OSError, ValueError):
        return None


def joules_between(before: float | None, after: float | None) -> float | None:
    """Energy used between two readings, None without a counter, corrected for one wrap-around."""
    if before is None or after is None:
        return None
    if after >= before:
        return after - before
    try:
        return after - before + int((_RAPL / "max_energy_range_uj").read_text()) / 1e6
    except (OSError, ValueError):
        return None
