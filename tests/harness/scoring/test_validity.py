"""What makes a record provisional or invalid, each in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.record import Audit
from harness.scoring.validity import Conditions, judge

GOOD = Conditions(
    status="ok",
    message="",
    isolation="bubblewrap",
    safe=True,
    quick=False,
    processes=8,
    ranked_processes=8,
    calibrated=True,
    frozen_s=10.0,
    median_ms=5.0,
    floor_ms=0.02,
)


def test_a_ranked_run_on_a_calibrated_quiet_machine_is_valid() -> None:
    verdict = judge(GOOD)
    assert (verdict.state, verdict.reasons) == ("valid", ())


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"quick": True, "processes": 3}, "quick run: 3 processes instead of 8"),
        ({"calibrated": False}, "not calibrated"),
        ({"load_a_core": 2.0}, "busy"),
        ({"stolen_share": 0.2}, "taken by other machines"),
        ({"stalled_share": 0.1}, "waited for memory"),
        ({"throttled": True}, "slowed down for heat"),
        ({"drift": 1.5}, "reference's speed"),
        ({"trend": 1.3}, "steady state"),
        ({"warnings": ("few positives",)}, "few positives"),
    ],
)
def test_what_is_doubtful_makes_it_provisional(change: dict[str, object], word: str) -> None:
    verdict = judge(replace(GOOD, **change))  # type: ignore[arg-type]
    assert verdict.state == "provisional"
    assert word in " ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"status": "failed", "message": "build raised"}, "build raised"),
        ({"safe": False, "isolation": "bare"}, "unsafe"),
        ({"idle_cpu_s": 0.5}, "while the reference was timed"),
        ({"median_ms": 0.01}, "below the floor"),
        ({"faults": ("saw a tenth of the data",)}, "a tenth"),
        (
            {"audits": (Audit(name="repeats", passed=False, detail="a cache"),)},
            "audit repeats failed: a cache",
        ),
    ],
)
def test_what_is_dishonest_or_broken_makes_it_invalid_and_comes_first(
    change: dict[str, object], word: str
) -> None:
    verdict = judge(replace(GOOD, calibrated=False, **change))  # type: ignore[arg-type]
    assert verdict.state == "invalid"
    assert word in verdict.reasons[0]


def test_a_little_idle_cpu_is_the_kernels_own_tick() -> None:
    assert judge(replace(GOOD, idle_cpu_s=0.04)).state == "valid"
