"""What tests of the pages share: a furnished record folder, names that mean harm, a site to ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from fastapi.testclient import TestClient

from harness.record import DataId, SubmissionId
from harness.record.comparison import ComparisonRecord, MedianTimes, SpeedDifference
from leaderboards.boards.closing import Final
from leaderboards.boards.spec import BoardKey

KEY = BoardKey("cots", 1, "reef", "mini", "d" * 64, "cpu", "single_stream")
PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex(
    "0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360606060000000050001a5f6"
    "45400000000049454e44ae426082"
)  # fmt: skip
HOSTILE = {
    "script": "<script>alert(1)</script>",
    "path": "../../../etc/passwd",
    "rtl": "\u202egnp.exe\u2066",
    "long": "x" * 10_000,
    "quotes": "\"'><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }}{% raw %}",
}


Close = Callable[[dict[str, float]], Final]
"""Closes the main board with private values by entry."""


@dataclass(frozen=True)
class Site:
    """A home, its application, and the ids of its records by name."""

    home: Path
    client: TestClient
    board: str
    records: dict[str, str]
    add: Callable[..., str]

    def get(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        assert answer.status_code == status, answer.text[:300]
        return answer.text


def furnish(folder: Path, ms: float) -> None:
    """Add what an evaluation measures over time, and per unit."""
    rng = np.random.default_rng(0)
    lines = ["replicate,block,unit,who,ns"]
    for number, noise in enumerate(rng.normal(0, 0.05, 120)):
        lines.append(f"{number // 30},{number % 30},u{number},submission,{int(ms * 1e6 * np.exp(noise))}")
        lines.append(f"{number // 30},{number % 30},u{number},reference,{int(1e7 * np.exp(noise))}")
    (folder / "latencies.csv").write_text("\n".join(lines) + "\n")
    phases = ["start"] * 10 + ["build"] * 30 + ["steady"] * 60
    memory = [f"{n / 10:.3f},{20 + n},{phase}" for n, phase in enumerate(phases)]
    (folder / "memory.csv").write_text("seconds,memory_mb,phase\n" + "\n".join(memory) + "\n")
    ids = np.array([f"frame-{n:03d}" for n in range(40)])
    rows = {"tp": rng.integers(0, 3, (40, 11)).astype(float), "right": rng.integers(0, 2, 40).astype(float)}
    np.savez(folder / "rows.npz", id=ids, cluster=np.repeat(np.array(["v0", "v1"]), 20), **rows)
    (folder / "images").mkdir()
    (folder / "images" / "frame-007.png").write_bytes(PNG)
    (folder / "images" / "notes.txt").write_text("not a picture")


def kept_comparison(site: Site, **changes: Any) -> str:
    """Keep a comparison in the site's home and return its id."""
    one = SubmissionId(name="<b>cnn</b>", kind="python", sha256="a" * 64, size_bytes=1_500_000)
    speed = {"ratio": 0.5, "low": 0.4, "high": 0.6, "margin": 0.03, "verdict": "faster", "processes": 8}
    return ComparisonRecord(
        task="cots",
        task_version=1,
        data=DataId(name="reef", variant="mini", sha256="d" * 64),
        profile="cpu",
        a=one,
        b=one.model_copy(update={"name": "blob", "sha256": "b" * 64}),
        speed=SpeedDifference.model_validate({**speed, **changes}),
        times=MedianTimes(a_ms=2.504, b_ms=5.01),
        seed=0,
        quick=False,
        machine={"cpu": "two cores", "cores": 2},
        started="2026-03-01T00:00:00+00:00",
    ).write(site.home / "comparisons")
