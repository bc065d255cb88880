"""Machines of one class have to agree on a frozen entry; one that does not is quarantined with the reason."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.record import Latency, Record, parse_record
from harness.spec.errors import BadData, HarnessError
from machines.canary import CanaryHistory, CanaryRun, disagreement, drifts
from machines.canary_round import CanaryRound
from machines.enrolment import Enrolment
from machines.executor import Evaluator, MachineLost

GOLDEN = Path(__file__).parents[1] / "harness" / "record" / "golden" / "schema2_ok.json"
KEYS = {"north": "1" * 64, "south": "2" * 64, "west": "3" * 64}


def run(key: str, ratio: float, **changes: Any) -> CanaryRun:
    values = {
        "public_key": key, "hardware_class": "aaaaaa", "measured": "tiny", "record": "r" * 8,
        "started": "2026-01-01T00:00:00+00:00", "log_mean": math.log(ratio), "standard_error": 0.002,
        "degrees_of_freedom": 7.0, "margin": 0.01,
    }  # fmt: skip
    return CanaryRun.model_validate({**values, **changes})


@pytest.mark.parametrize(
    ("others", "agrees"),
    [
        ([], True),
        ([run("2", 1.002)], True),
        ([run("2", 1.10)], False),
        ([run("2", 0.90)], False),
        ([run("2", 1.10, margin=0.2)], True),
        ([run("2", 1.10, standard_error=0.2)], True),
        ([run("2", 1.10, hardware_class="bbbbbb")], True),
        ([run("2", 1.10, measured="other data")], True),
        ([run("1", 1.10)], True),
        ([run("2", 1.10), run("3", 1.0)], True),
        ([run("2", 1.10), run("3", 1.09)], False),
    ],
)
def test_a_run_is_compared_with_those_of_other_machines_of_its_class(
    others: Sequence[CanaryRun], *, agrees: bool
) -> None:
    assert (disagreement(run("1", 1.0), others) == "") == agrees


def test_the_reason_names_both_ratios_the_class_and_the_record() -> None:
    reason = disagreement(run("1", 1.1), [run("2", 1.0)])
    for part in ("1.100", "1.000", "class aaaaaa", "+10.0%", "margin of 1.0%", "record rrrrrrrr"):
        assert part in reason


def test_drift_is_told_from_a_machines_own_earlier_runs_of_the_same() -> None:
    runs = [run("1", 1.0), run("2", 3.0), run("1", 1.02), run("1", 0.98), run("1", 1.1)]
    found = drifts([*runs, run("2", 5.0, measured="another entry")])
    assert found["1"].change == pytest.approx(0.1)
    assert (found["2"].change, found["2"].latest.ratio.value) == (None, pytest.approx(5.0))


@dataclass
class Fleet:
    """Machines that return a record with the ratio that each measures now."""

    ratios: dict[str, float]
    template: Record
    lost: set[str] = field(default_factory=set)
    enrolment: Enrolment | None = None

    def usable(self, _profile: str) -> list[str]:
        assert self.enrolment
        return [key for key in self.ratios if self.enrolment.may_work(key)]

    @contextmanager
    def reserved_machine(self, public_key: str) -> Iterator[Evaluator]:
        def evaluate(*_: object) -> Any:
            if public_key in self.lost:
                raise MachineLost("it did not answer")
            log = math.log(self.ratios[public_key])
            latency = Latency(log_mean=log, standard_error=0.002, degrees_of_freedom=7.0, margin=0.01)
            return SimpleNamespace(record=self.template.model_copy(update={"latency": latency}))

        yield evaluate


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    enrolment = Enrolment(tmp_path)
    for name, key in KEYS.items():
        enrolment.enrol(name, key)
    return Fleet(dict.fromkeys(KEYS.values(), 1.5), parse_record(GOLDEN.read_bytes()), enrolment=enrolment)


def lines(fleet: Fleet, home: Path) -> list[str]:
    request: Any = SimpleNamespace(run=SimpleNamespace(profile="cpu"))
    places: Any = None
    return list(CanaryRound(fleet, request, places, home).run(lambda *_: None))


def test_the_machine_that_drifts_away_from_its_class_is_quarantined(fleet: Fleet, tmp_path: Path) -> None:
    assert all("agrees with its class" in line for line in lines(fleet, tmp_path))
    fleet.ratios[KEYS["south"]] = 1.8
    fleet.lost.add(KEYS["west"])
    north, south, west = lines(fleet, tmp_path)
    assert "+0.0% since before  agrees" in north
    assert "+20.0% since before  quarantined: canary: 1.800" in south
    assert west == "west  not run: it did not answer"
    states = {machine.name: machine for machine in Enrolment(tmp_path).all().values()}
    assert [states[name].state for name in KEYS] == ["active", "quarantined", "active"]
    assert "1.800 times the reference, but 1.500" in states["south"].reason
    assert [line.split()[0] for line in lines(fleet, tmp_path)] == ["north", "west"]
    assert len(CanaryHistory(tmp_path).runs()) == 6


def test_a_canary_that_failed_and_a_damaged_history_are_told(fleet: Fleet, tmp_path: Path) -> None:
    failed = fleet.template.model_copy(update={"status": "failed", "message": "it broke"})
    with pytest.raises(HarnessError, match="failed: it broke"):
        CanaryRun.of(failed, "1")
    CanaryHistory(tmp_path).add(run("1", 1.0))
    (tmp_path / "machines" / "canary.jsonl").open("a").write("{\n")
    with pytest.raises(BadData, match=r"canary\.jsonl is damaged"):
        CanaryHistory(tmp_path).runs()
