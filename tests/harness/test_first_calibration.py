"""The first ranked run learns what differences this machine can tell, once."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from harness import evaluate
from harness.intake.lookup import find_submission
from harness.interactions import Training
from harness.measurement.calibration import Calibration
from harness.measurement.run_plan import RunSetup
from harness.spec import Places
from harness.spec.errors import UserError


def learnt(setup: RunSetup, home: Path, shown: list[str] | None = None) -> Calibration | None:
    places = Places.under(home)
    honest = find_submission(setup.task, "honest", places)
    titles = [] if shown is None else shown
    return evaluate._calibration(setup, honest, places, lambda what, done, total: titles.append(what))


def test_the_first_ranked_run_calibrates_and_later_ones_read(
    setup: RunSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "WIDEST_MARGIN", math.inf)  # other tests make this machine noisy
    shown: list[str] = []
    first = learnt(setup, tmp_path / "home", shown)
    assert first is not None and first.margin >= 0.01 and first.profile == "cpu"
    assert "calibration: the reference against itself" in shown

    def again(*_: object, **__: object) -> Calibration:
        raise AssertionError("it is known already")

    monkeypatch.setattr(evaluate, "calibrate", again)
    assert learnt(setup, tmp_path / "home") == first
    assert learnt(replace(setup, quick=True), tmp_path / "another") is None, (
        "a quick run does not wait for it"
    )
    training = replace(setup, task=replace(setup.task, interaction=Training()))
    assert learnt(training, tmp_path / "another") is None, "the reference's trainings take too long"


def test_nothing_is_learnt_while_others_use_the_machine(
    setup: RunSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disturbed(*_: object, **__: object) -> Calibration:
        raise UserError("other processes used the machine during the calibration")

    monkeypatch.setattr(evaluate, "calibrate", disturbed)
    assert learnt(setup, tmp_path / "home") is None
    assert not Places.under(tmp_path / "home").calibrations.exists()


def test_a_margin_of_a_noisy_day_is_not_kept(
    setup: RunSetup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    widest = evaluate.WIDEST_MARGIN
    monkeypatch.setattr(evaluate, "WIDEST_MARGIN", math.inf)
    found = learnt(setup, tmp_path / "first")
    assert found is not None
    monkeypatch.setattr(evaluate, "WIDEST_MARGIN", widest)
    for margin, kept in ((0.16, False), (0.03, True)):
        made = found.model_copy(update={"margin": margin})
        monkeypatch.setattr(evaluate, "calibrate", lambda *_, made=made, **__: made)
        assert (learnt(setup, tmp_path / str(margin)) is not None) == kept
        assert Places.under(tmp_path / str(margin)).calibrations.exists() == kept
