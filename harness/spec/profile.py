"""The machines a submission can be given, each one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Profile:
    """The machine a submission is given: cores, memory, accelerator.

    ``cores`` is how many cores the contestant is pinned to (None: all the machine gives);
    ``memory_mb`` lowers the task's own cap where it is smaller.
    """

    name: str
    title: str
    cores: int | None = None
    memory_mb: int | None = None
    accelerator: Literal["none", "gpu", "browser"] = "none"


PROFILES: Mapping[str, Profile] = {
    "cpu": Profile("cpu", "all cores the machine gives"),
    "edge": Profile("edge", "one pinned core, 512 MB", cores=1, memory_mb=512),
    "gpu": Profile("gpu", "all cores and one GPU", accelerator="gpu"),
    "browser": Profile("browser", "headless Chromium on all cores", accelerator="browser"),
}
