"""One table of both divisions of task ssl, every baseline in it, best at ten labels a class first.

    python -m bench.ssl_table [VARIANT]

Reads the boards that `run_bench.py run ssl` and `run_bench.py run ssl_finetune` left behind.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DIVISIONS = {"ssl": "probe_10", "ssl_finetune": "accuracy"}


def main() -> None:
    variant = sys.argv[1] if len(sys.argv) > 1 else "digits"
    found = [(task, row) for task in DIVISIONS for row in rows(task, variant)]
    print(f"{variant:20}{'task':14}{'@ 10 labels a class':>24}{'@ 1':>8}{'@ all':>8}{'build':>10}")
    for task, row in sorted(found, key=lambda one: -accuracy(*one)["value"]):
        at_10, others = accuracy(task, row), row["metrics"]
        told = [others[name]["value"] if name in others else None for name in ("probe_1", "probe_all")]
        print(
            f"{row['entry']:20}{task:14}{at_10['value']:10.1f} [{at_10['low']:.1f}, {at_10['high']:.1f}]"
            + "".join(f"{value:8.1f}" if value is not None else f"{'':8}" for value in told)
            + f"{others['build_s']['value']:8.1f} s"
        )


def accuracy(task: str, row: dict[str, Any]) -> dict[str, float]:
    """The metric at ten labels a class, with its interval."""
    found: dict[str, float] = row["metrics"][DIVISIONS[task]]
    return found


def rows(task: str, variant: str) -> list[dict[str, Any]]:
    """The entries on one board that came through."""
    asked = [sys.executable, "run_bench.py", "board", task, "--data", variant, "--json"]
    told = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if told.returncode:
        sys.exit(told.stderr.strip())
    return [row for row in json.loads(told.stdout)["rows"] if row["status"] == "ok"]


if __name__ == "__main__":
    main()
