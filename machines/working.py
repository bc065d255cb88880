"""What a machine does with a bundle of trusted work: it computes while nothing is timed, and signs."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from harness.fanning import fanned
from harness.files import write_whole
from harness.measurement import machine_lock
from harness.portable import Portable
from harness.spec import no_progress
from machines.bundles import Bundle, Results
from machines.code_version import check_version
from machines.evaluating import Fetch, received
from machines.keys import machine_key


def work_through(bundle: Bundle, fetch: Fetch, home: Path) -> Results:
    """Compute the items over the cores of this machine, which is nobody else's meanwhile.

    What goes wrong is told in the results: the host computes that item itself.
    """
    values: list[bytes] = []
    fault = ""
    try:
        check_version(bundle.code_version)
        with machine_lock.machine("trusted work of a host", no_progress):
            write_whole(_file(home), bundle.nonce.hex().encode())
            folder = home / "machines" / "received"
            folders = {name: received(folder / name, name, fetch) for name in bundle.files}
            items = [_here(pickle.loads(item), home, folders) for item in bundle.items]
            values.extend(fanned(bundle.function, items))
    except Exception as raised:
        fault = f"{type(raised).__name__}: {raised}"
    signature = machine_key(home / "machines").sign(Results.signed_bytes(bundle.nonce, values, fault))
    return Results(tuple(values), fault, signature)


def working_at(home: Path) -> str:
    """Return the nonce of the bundle that this machine works at, or did last."""
    return _file(home).read_text() if _file(home).exists() else ""


def _file(home: Path) -> Path:
    return home / "machines" / "working"


def _here(item: Any, home: Path, folders: dict[str, Path]) -> Any:
    return item.at(home, folders) if isinstance(item, Portable) else item
