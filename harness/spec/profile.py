"""The machines a submission can be given, each one value in PROFILES."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Accelerator:
    """A device beside the processor.

    ``name`` is what submissions are told, ``title`` what a message calls it. ``devices`` are patterns of the
    device files that a sandbox opens to the submission; at least one must exist for the profile to run here.
    ``files`` are paths that the driver's libraries read. With ``nvml`` NVIDIA's library must list one too.
    """

    name: str
    title: str = ""
    devices: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    nvml: bool = False


NO_ACCELERATOR = Accelerator("none")
BROWSER = Accelerator("browser")
NVIDIA = Accelerator(
    "gpu",
    "a GPU",
    devices=("/dev/nvidia*", "/dev/dxg"),  # dxg: under WSL
    files=(
        "/usr/lib/wsl",
        "/run/opengl-driver",
        "/etc/OpenCL",
        "/dev/nvidia-caps",
        "/proc/driver/nvidia",
        "/sys/bus/pci",
        "/sys/class/drm",
        "/sys/devices",
        "/sys/module/nvidia",
        "/sys/module/nvidia_uvm",
    ),
    nvml=True,
)


@dataclass(frozen=True)
class Profile:
    """The machine a submission is given.

    ``cores`` is the number of cores that the submission is pinned to (None: all that the machine gives);
    ``memory_mb`` lowers the task's memory limit where it is smaller. ``kinds`` are the kinds of submission
    that it runs (empty: every kind that needs no browser). With ``every_task`` each task has a board of
    it unless the task names its profiles; without it, only tasks that name it do.
    """

    name: str
    title: str
    cores: int | None = None
    memory_mb: int | None = None
    accelerator: Accelerator = NO_ACCELERATOR
    kinds: tuple[str, ...] = ()
    every_task: bool = True


PROFILES: Mapping[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile("cpu", "all cores the machine gives"),
        Profile("edge", "one pinned core, 512 MB", cores=1, memory_mb=512),
        Profile("gpu", "all cores and one GPU", accelerator=NVIDIA),
        Profile(
            "browser",
            "headless Chromium on all cores",
            accelerator=BROWSER,
            kinds=("javascript",),
            every_task=False,
        ),
    )
}


def profiles_of_every_task() -> tuple[str, ...]:
    """The names of the profiles that a task has where it names none."""
    return tuple(name for name, profile in PROFILES.items() if profile.every_task)
