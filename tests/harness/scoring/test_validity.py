"""What makes a record provisional or invalid, each in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.record import Audit
from harness.scoring.validity import (
    CalibrationState,
    Conditions,
    Containment,
    Findings,
    MachineLoad,
    Outcome,
    Steadiness,
    judge,
)

GOOD = Conditions(
    Outcome("ok", "", quick=False, processes=8, ranked_processes=8),
    Containment("bubblewrap", safe=True, frozen_s=10.0),
    CalibrationState(calibrated=True, median_ms=5.0, floor_ms=0.02),
)
UNCALIBRATED = CalibrationState(calibrated=False)


def test_a_ranked_run_on_a_calibrated_quiet_machine_is_valid() -> None:
    verdict = judge(GOOD)
    assert (verdict.state, verdict.reasons) == ("valid", ())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"outcome": Outcome("ok", "", True, 3, 8)},
            "This was a quick run of 3 processes instead of 8; run it without",
        ),
        (
            {"outcome": Outcome("ok", "", True, 1, 4)},
            "This was a quick run of 1 process instead of 4; run it without",
        ),
        (
            {"load": MachineLoad(disturbed=2, others_cores=0.5)},
            "used the machine during 2 of 8 processes",
        ),
        (
            {"load": MachineLoad(touched=3)},
            "during 3 of 8 processes (0.00 cores on average)",
        ),
        (
            {"load": MachineLoad(slowed=7)},
            "The cores were slow during 7 of 8 processes, though no other process",
        ),
        ({"calibration": CalibrationState(False, refused="too noisy")}, "were refused: too noisy."),
        ({"outcome": Outcome("ok", "", True, 1, 1)}, "This was a quick run; run it without --quick."),
        ({"calibration": UNCALIBRATED}, "not calibrated for the profile; run 'calibrate'"),
        ({"load": MachineLoad(load_a_core=2.0)}, "2.0 runnable processes per core (limit 1.5)"),
        ({"load": MachineLoad(stolen_share=0.2)}, "20 % of the processor time (limit 10 %)"),
        ({"load": MachineLoad(stalled_share=0.1)}, "memory pressure for 10 % of the run (limit 5 %)"),
        ({"load": MachineLoad(throttled=True)}, "throttled because of heat"),
        ({"steadiness": Steadiness(drift=1.5)}, "reference's speed changed by a factor of 1.50"),
        ({"steadiness": Steadiness(trend=1.3)}, "no steady state"),
        ({"findings": Findings(warnings=("few positives",))}, "few positives"),
    ],
)
def test_what_is_doubtful_makes_it_provisional(change: dict[str, object], words: str) -> None:
    verdict = judge(replace(GOOD, **change))  # type: ignore[arg-type]
    assert verdict.state == "provisional"
    assert words in " ".join(verdict.reasons)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outcome": Outcome("failed", "build raised", False, 0, 8)}, "build raised"),
        ({"containment": Containment("bare", safe=False)}, "unsafe"),
        (
            {"containment": Containment("bubblewrap", safe=True, idle_cpu_s=0.5, frozen_s=10)},
            "0.50 s of CPU time while the reference was timed (limit 0.20 s)",
        ),
        ({"calibration": CalibrationState(False, 0.01, 0.02)}, "less than any honest query takes"),
        ({"findings": Findings(faults=("saw a tenth of the data",))}, "a tenth"),
        (
            {"findings": Findings(audits=(Audit(name="repeats", passed=False, detail="a cache"),))},
            "Audit repeats failed: a cache",
        ),
    ],
)
def test_what_is_dishonest_or_broken_makes_it_invalid_and_comes_first(
    change: dict[str, object], words: str
) -> None:
    verdict = judge(replace(GOOD, **{"calibration": UNCALIBRATED, **change}))  # type: ignore[arg-type]
    assert verdict.state == "invalid"
    assert words in verdict.reasons[0]


def test_a_little_idle_cpu_is_the_kernels_own_tick() -> None:
    still = Containment("bubblewrap", safe=True, idle_cpu_s=0.04, frozen_s=10.0)
    assert judge(replace(GOOD, containment=still)).state == "valid"


def test_the_load_average_says_nothing_where_others_were_read() -> None:
    busy_before = MachineLoad(load_a_core=3.0, read=True)
    assert judge(replace(GOOD, load=busy_before)).state == "valid"
    assert judge(replace(GOOD, load=replace(busy_before, read=False))).state == "provisional"
