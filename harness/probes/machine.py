"""The machine a measurement was made on: what it is, its versions, and how busy it was."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from pathlib import Path

from harness.probes import gpu
from harness.session.runtimes import runtime, runtimes
from harness.session.worker import Worker, browser, worker_of
from harness.spec import Submission

_HARNESS_PACKAGES = ("numpy", "scipy", "mlflow", "hotcoco", "pycocotools")


def machine() -> dict[str, str | int]:
    """Describe this machine; ``fingerprint`` is equal for machines that may be compared."""
    memory = next(
        line.split()[1]
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    facts: dict[str, str | int] = {
        "cpu": _cpu_model(),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_mb": round(int(memory) * 1024 / 1e6),
        "system": _system(),
        "kernel": platform.release(),
    }
    if gpus := gpu.names():
        facts["gpu"] = ", ".join(gpus)
    identity = "|".join(str(facts[key]) for key in ("cpu", "architecture", "cores", "system"))
    memory_gb = round(int(memory) / 2**20)
    facts["fingerprint"] = hashlib.sha256(f"{identity}|{memory_gb}".encode()).hexdigest()[:12]
    return facts


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model", "CPU part")):
            return line.partition(":")[2].strip()
    return "unknown"


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        return platform.system()


def versions(submission: Submission) -> dict[str, str]:
    """Versions of what could change a submission's numbers.

    Every package of the submission's environment is named ``worker.PACKAGE``; where it has none, those of all
    runtimes are.
    """
    versions = {"python": platform.python_version()}
    for name in _HARNESS_PACKAGES:
        versions[name] = importlib.metadata.version(name)
    environment = submission.environment
    if environment:
        versions["environment"] = environment.name
        installed = {"python": environment.python_version, **environment.versions}
        packages = dict.fromkeys(installed)
    else:
        installed = worker_packages(worker_of(submission))
        packages = dict.fromkeys(name for value in runtimes().values() for name in value.packages)
    versions |= {f"worker.{name}": installed[name] for name in packages if name in installed}
    if runtime(submission.kind).page:
        versions["chromium"] = browser().version
    return versions


def worker_packages(worker: Worker) -> dict[str, str]:
    """The version of each package in the worker's environment."""
    sites = [str(path) for path in worker.python.parent.parent.glob("lib/python*/site-packages")]
    return {package.name: package.version for package in importlib.metadata.distributions(path=sites)}


def gauges() -> Mapping[str, float]:
    """Read how busy the machine is: load, stolen ticks so far, and stall totals in microseconds (PSI)."""
    values = {"load_1min": os.getloadavg()[0], "throttled": float(_throttle_count())}
    cpu = Path("/proc/stat").read_text().splitlines()[0].split()
    values["ticks_total"], values["ticks_stolen"] = float(sum(map(int, cpu[1:9]))), float(cpu[8])
    for resource in ("cpu", "memory", "io"):
        try:
            some = Path(f"/proc/pressure/{resource}").read_text().splitlines()[0]
        except OSError:
            continue
        values[f"stall_{resource}_us"] = float(some.rpartition("total=")[2])
    return values


def _throttle_count() -> int:
    """The number of times that heat slowed the cores down since boot; 0 where it is not counted."""
    counts = Path("/sys/devices/system/cpu").glob("cpu[0-9]*/thermal_throttle/core_throttle_count")
    return sum(int(path.read_text()) for path in counts)
