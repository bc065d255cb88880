"""GPUs as NVML sees them: names, memory of a process tree, utilisation, energy. Empty without a driver."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pynvml


@dataclass(frozen=True)
class GpuUsage:
    """Memory that a process tree holds on all GPUs, how busy the busiest is, joules since boot."""

    memory_mb: float
    utilisation: float
    joules: float | None


def names() -> list[str]:
    """The GPUs of this machine."""
    with _handles() as handles:
        return [str(pynvml.nvmlDeviceGetName(handle)) for handle in handles]


def usage(pids: Collection[int]) -> GpuUsage | None:
    """Read all GPUs now; None where there is none."""
    with _handles() as handles:
        if not handles:
            return None
        memory = sum(
            process.usedGpuMemory or 0
            for handle in handles
            for process in pynvml.nvmlDeviceGetComputeRunningProcesses(handle)
            if process.pid in pids
        )
        busy = max(float(pynvml.nvmlDeviceGetUtilizationRates(handle).gpu) for handle in handles)
        return GpuUsage(memory / 1e6, busy, _joules(handles))


def _joules(handles: list[Any]) -> float | None:
    try:
        return sum(float(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)) for handle in handles) / 1e3
    except pynvml.NVMLError:
        return None


@contextmanager
def _handles() -> Iterator[list[Any]]:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        yield []
        return
    try:
        yield [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    finally:
        pynvml.nvmlShutdown()
