"""The first ranked run learns what differences this machine can tell, once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.evaluate import EvaluationJob, evaluate_job
from harness.intake.lookup import find_submission
from harness.interactions import Training
from harness.measurement import first_calibration, pairs
from harness.measurement.calibration import Calibration
from harness.measurement.first_calibration import MachineCalibration
from harness.measurement.others_seen import OthersSeen
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunSetup
from harness.probes.neighbours import Others
from harness.record import Record
from harness.spec import Places, Submission
from harness.spec.errors import UserError

OTHER = """
import numpy as np


def build(context):
    return lambda x: np.int64(np.argmax(x))
"""
BUSY = "other processes used 0.80 cores during the calibration"


def learnt(setup: RunSetup, home: Path, shown: list[str] | None = None) -> MachineCalibration:
    places = Places.under(home)
    titles = [] if shown is None else shown
    calibration = MachineCalibration(places.calibrations)
    calibration.learn(
        setup,
        find_submission(setup.task, "honest", places),
        lambda what, done, total: titles.append(what),
    )
    return calibration


def refuse(*_: object, **__: object) -> Calibration:
    raise UserError(BUSY)


def test_the_first_ranked_run_calibrates_and_later_ones_read(
    setup: RunSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_calibration, "WIDEST_MARGIN", math.inf)  # other tests make this machine noisy
    shown: list[str] = []
    first = learnt(setup, tmp_path / "home", shown).known
    assert first is not None and first.margin >= 0.01 and first.profile == "cpu"
    assert "calibration: the reference against itself" in shown

    def again(*_: object, **__: object) -> Calibration:
        raise AssertionError("it is known already")

    monkeypatch.setattr(first_calibration, "calibrate", again)
    assert learnt(setup, tmp_path / "home").known == first
    quick = learnt(replace(setup, quick=True), tmp_path / "another")
    assert quick.known is None, "a quick run does not wait for it"
    training = replace(setup, task=replace(setup.task, interaction=Training()))
    assert learnt(training, tmp_path / "another").known is None, "the reference's trainings take too long"


def test_nothing_is_learnt_while_others_use_the_machine(
    setup: RunSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_calibration, "calibrate", refuse)
    found = learnt(setup, tmp_path / "home")
    assert found.known is None and found.refused == BUSY
    assert not Places.under(tmp_path / "home").calibrations.exists()


def test_a_run_of_the_reference_is_the_calibration(
    setup: RunSetup, write: Callable[..., Submission], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would measure the same twice; another entry's run tells nothing of the reference's noise."""
    monkeypatch.setattr(first_calibration, "WIDEST_MARGIN", math.inf)
    monkeypatch.setattr(first_calibration, "calibrate", refuse)
    places = Places.under(tmp_path / "home")
    honest, other = find_submission(setup.task, "honest", places), write(OTHER)

    def evaluated(entry: Submission, *, quick: bool = False) -> tuple[MachineCalibration, Record]:
        calibration = MachineCalibration(places.calibrations)
        job = EvaluationJob(
            replace(setup, quick=quick), entry, honest, places.records, calibration=calibration
        )
        return calibration, evaluate_job(job).record

    assert evaluated(honest, quick=True)[0].known is None, "three processes are too few"
    calibration, record = evaluated(other)
    assert calibration.known is None and "not calibrated" in " ".join(record.validity.reasons)
    calibration, record = evaluated(honest)
    known = calibration.known
    assert known is not None and known.ratio == record.metrics["latency_ratio"].value
    assert known.processes == record.processes and 0 < known.copy_us < known.floor_us
    assert "not calibrated" not in " ".join(record.validity.reasons)
    assert record.latency is not None and record.latency.margin == known.margin
    assert evaluated(other)[0].known == known, "it is read from then on"


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_refused_calibration_is_tried_once_more_and_named(
    setup: RunSetup,
    write: Callable[..., Submission],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    attempts: int,
) -> None:
    """What keeps a machine busy after the data were made is over when the run ends."""
    places, tried = Places.under(tmp_path / "home"), []
    honest = find_submission(setup.task, "honest", places)
    made = Calibration(
        fingerprint="here", profile="cpu", task="tiny", isolation="any", margin=0.02, ratio=1.0,
        ratio_low=0.98, ratio_high=1.02, floor_us=1.0, copy_us=1.0, memory_gb_s=1.0,
        processes=8, load_1min=0.0, made="now",
    )  # fmt: skip

    def calibrate(*_: object, **__: object) -> Calibration:
        tried.append(1)
        return made if len(tried) > attempts else refuse()

    monkeypatch.setattr(first_calibration, "calibrate", calibrate)
    calibration = MachineCalibration(places.calibrations)
    calibration.learn(setup, honest, lambda *_: None)
    job = EvaluationJob(setup, write(OTHER), honest, places.records, calibration=calibration)
    reasons = " ".join(evaluate_job(job).record.validity.reasons)
    assert len(tried) == 2
    assert ("is not calibrated" in reasons) == (attempts == 2)
    assert (f"refused: {BUSY}." in reasons) == (attempts == 2)


@pytest.mark.slow
@pytest.mark.neighbours
def test_some_disturbed_processes_do_not_spoil_a_calibration(
    setup: RunSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_pair, ran = pairs.run_pair, []

    def disturbed(plan: object, number: int, share: object, pair: ProcessPair, *more: object) -> None:
        run_pair(plan, number, share, pair, *more)  # type: ignore[arg-type]
        ran.append(number)
        blocks = len(pair.resources.others.blocks)
        busy = number < spoilt
        pair.resources.others = OthersSeen(blocks=[Others(0.5, 0.4 if busy else 0.0)] * blocks)

    monkeypatch.setattr(first_calibration, "WIDEST_MARGIN", math.inf)
    monkeypatch.setattr(pairs, "run_pair", disturbed)
    processes = setup.task.execution.processes.ranked
    spoilt = 1
    found = learnt(setup, tmp_path / "one").known
    assert found is not None and found.processes == processes - 1
    spoilt = processes
    assert "used 0.80 cores during the calibration" in learnt(setup, tmp_path / "all").refused


def test_a_margin_of_a_noisy_day_is_not_kept(
    setup: RunSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widest = first_calibration.WIDEST_MARGIN
    monkeypatch.setattr(first_calibration, "WIDEST_MARGIN", math.inf)
    found = learnt(setup, tmp_path / "first").known
    assert found is not None
    monkeypatch.setattr(first_calibration, "WIDEST_MARGIN", widest)
    for margin, kept in ((0.16, False), (0.03, True)):
        made = found.model_copy(update={"margin": margin})
        monkeypatch.setattr(first_calibration, "calibrate", lambda *_, made=made, **__: made)
        assert (learnt(setup, tmp_path / str(margin)).known is not None) == kept
        assert Places.under(tmp_path / str(margin)).calibrations.exists() == kept
