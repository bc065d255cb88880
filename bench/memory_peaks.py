"""What each way of counting memory sees of an entry that uses 300 MB or 500 MB in four ways.

    .venv/harness/bin/python -m bench.memory_peaks

For every isolation level that works here, by the control group and by looking at the process tree: the peak
of ``build`` in MB, less that of an entry that uses nothing. "refused": the walls do not let the entry do it.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from harness.intake.lookup import inspect
from harness.sandbox import all_backends, cgroup
from harness.sandbox.policy import Backend
from harness.session.session import Session
from harness.session.settings import ExecutionSettings
from harness.spec import PROFILES, Limits
from harness.spec.errors import SubmissionFailed

MODEL = "import mmap, os, time\nimport numpy as np\n\ndef build(context):\n{}    return lambda x: x\n"
ENTRIES: Mapping[str, tuple[int, str]] = {
    "nothing": (0, ""),
    "300 MB for 50 ms": (300, "kept = np.ones(300_000_000, np.uint8); time.sleep(0.05); del kept"),
    "500 MB in a tmpfs": (
        500,
        "kept = open('/tmp/kept', 'wb'); [kept.write(bytes(10_000_000)) for _ in range(50)]; kept.close()",
    ),
    "500 MB in a deleted file there": (
        500,
        "kept = open('/tmp/kept', 'wb'); os.unlink('/tmp/kept'); "
        "[kept.write(bytes(10_000_000)) for _ in range(50)]; kept.flush(); time.sleep(0.02)",
    ),
    "500 MB in a child for 20 ms": (
        500,
        "child = os.fork(); kept = None if child else np.ones(500_000_000, np.uint8); "
        "time.sleep(0 if child else 0.02); os.waitpid(child, 0) if child else os._exit(0)",
    ),
    "13 MB in 200 pipes": (
        13,
        "ends = [os.pipe() for _ in range(200)]; [os.write(end, bytes(65536)) for _, end in ends]; "
        "time.sleep(0.02)",
    ),
}
LIMITS = Limits(memory_mb=4800, disk_mb=1024)


def peak_mb(backend: Backend, code: str, folder: Path) -> float:
    """Peak memory of ``build`` in MB; not a number where the entry cannot run."""
    entry = folder / "entry.py"
    entry.write_text(MODEL.format(f"    {code}\n" if code else ""))
    submission = inspect(entry, LIMITS, folder / "entries")
    with Session(ExecutionSettings(backend, PROFILES["cpu"], LIMITS, folder, {}), submission, 0) as session:
        session.start()
        session.load()
        session.begin_memory_peak()
        try:
            session.build()
        except SubmissionFailed:
            return math.nan
        return session.memory_peak_mb() or 0.0


def main() -> None:
    """Measure and print the table."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        columns: dict[str, list[float]] = {}
        for backend in all_backends():
            if backend.safe and backend.missing() is None:
                title = f"{backend.level} {backend.name}"
                if "memory" in cgroup.holds():
                    columns[f"{title}, {cgroup.holds()['memory']}"] = _peaks(backend, Path(name))
                with patch.object(cgroup, "_usable", dict):
                    columns[f"{title}, looks"] = _peaks(backend, Path(name))
        print(f"| entry | used | {' | '.join(columns)} |")
        print(f"| --- | --: | {' | '.join('--:' for _ in columns)} |")
        for row, (entry, (used, _)) in enumerate(ENTRIES.items()):
            cells = [_cell(peaks[row], peaks[0] if row else 0.0) for peaks in columns.values()]
            print(f"| {entry} | {used} | {' | '.join(cells)} |")


def _cell(peak: float, idle: float) -> str:
    return "refused" if math.isnan(peak) else f"{peak - idle:.0f}"


def _peaks(backend: Backend, folder: Path) -> list[float]:
    return [peak_mb(backend, code, folder) for _, code in ENTRIES.values()]


if __name__ == "__main__":
    main()
