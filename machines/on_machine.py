"""What a host has a machine of the cluster do: functions that run there, in processes that Ray starts."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from machines.bundles import Bundle, Results
from machines.description import MachineDescription, describe
from machines.evaluating import evaluate_parcel
from machines.joining import HOME, PROFILES
from machines.keys import machine_key
from machines.parcels import Parcel, Returned
from machines.progress import Told, noting, progress_file, told
from machines.working import work_through, working_at


class Answering:
    """What stays on a machine and answers for it, as long as whoever asks is connected."""

    def answer(self, function: Callable[..., Any], *values: Any) -> Any:
        """Call the function here."""
        return function(*values)


def described() -> MachineDescription:
    """Describe the machine this runs on; it was told its home and profiles when it joined."""
    profiles = tuple(os.environ[PROFILES].split(","))
    return describe(machine_key(Path(os.environ[HOME]) / "machines").public, profiles)


def told_of(nonce: bytes) -> Told:
    """Answer, and tell how far the evaluation of a parcel is on this machine."""
    return told(Path(os.environ[HOME]), nonce)


def evaluated(parcel: Parcel, kept: Mapping[str, list[Any]]) -> Returned:
    """Evaluate on the machine this runs on. References in lists are fetched when they are needed."""
    home = Path(os.environ[HOME])
    file = progress_file(home)
    try:
        key = machine_key(home / "machines")
        return evaluate_parcel(parcel, partial(_fetch, kept), home, key, noting(file))
    finally:
        file.unlink(missing_ok=True)


def worked(bundle: Bundle, kept: Mapping[str, list[Any]]) -> Results:
    """Work through a bundle on the machine this runs on."""
    return work_through(bundle, partial(_fetch, kept), Path(os.environ[HOME]))


def working() -> str:
    """Tell which bundle this machine works at, or did last."""
    return working_at(Path(os.environ[HOME]))


def _fetch(kept: Mapping[str, list[Any]], name: str) -> bytes:
    import ray

    archive: bytes = ray.get(kept[name][0])
    return archive
