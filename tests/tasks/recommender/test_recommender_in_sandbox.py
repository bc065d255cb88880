"""Trainings through the sandbox, whole: the shipped `fast`, a constant, and what is no answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from datasets.clicks import mini
from harness.evaluate import EvaluationJob, evaluate_job
from harness.intake.lookup import find_submission, find_task, inspect
from harness.measurement.run_plan import RunSetup
from harness.record import Record
from harness.sandbox import choose
from harness.spec import PROFILES, Places, Prepared
from harness.spec.errors import HarnessError
from tasks.recommender.outcome import BATCH, PACE

PLAN = mini.Plan(rows=1 << 15, vocabulary=500, hidden=1 << 13, probes=600)
CONSTANT = """
import numpy as np
def build(context):
    return lambda x: np.full(len(x["numerical"]), {}, np.float32)
"""
PACED = """
import numpy as np, time
def build(context):
    model = lambda x: np.full(len(x["numerical"]), 0.3, np.float32)
    for _ in range({} * context.params["pieces"]):
        time.sleep(0.05)
        yield model
    return model
"""
LAZY = """
import numpy as np, time
def build(context):
    trained = []
    def model(x):
        if not trained:
            time.sleep(2)
            trained.append(1)
        return np.full(len(x["numerical"]), 0.3, np.float32)
    return model
"""
EVERYWHERE = """
import numpy as np, threading, time
class Work:
    time.sleep(0.4)
    def __init__(self):
        time.sleep(0.4)
        self.asked = 0
    def __call__(self, x):
        self.asked += 1
        if self.asked == 150:
            time.sleep(0.4)
        return np.full(len(x["numerical"]), 0.3, np.float32)
def prepare(context):
    time.sleep(0.4)
def build(context):
    model = Work()
    yield model
    time.sleep(0.4)
    return model
"""
Trained = Callable[..., Record]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder: Path = tmp_path_factory.mktemp("clicks")
    for part in ("public", "private"):
        (folder / part).mkdir()
    mini.write(PLAN, folder)
    return Prepared("clicks", "mini", "0" * 64, folder / "public", folder / "private")


@pytest.fixture
def judged(prepared: Prepared, tmp_path: Path) -> Trained:
    """Evaluate an entry beside a constant, whose pieces take as long each time."""

    def evaluated(source: str | Path, pieces: int = 1) -> Record:
        task = find_task("recommender")
        task = replace(task, execution=replace(task.execution, reference="constant"))
        entry, reference = tmp_path / "entry.py", tmp_path / "constant.py"
        reference.write_text(PACED.format(pieces))
        if isinstance(source, Path):
            entry = source
        else:
            entry.write_text(source)
        both = [
            inspect(path, task.execution.limits, tmp_path / "home" / "entries") for path in (entry, reference)
        ]
        setup = RunSetup(task, prepared, PROFILES["cpu"], choose(), tmp_path / "host.log", quick=True)
        return evaluate_job(EvaluationJob(setup, *both, tmp_path / "records")).record

    return evaluated


@pytest.mark.slow
def test_the_shipped_fast_trains_in_the_sandbox_and_is_covered(judged: Trained, tmp_path: Path) -> None:
    record = judged(find_submission(find_task("recommender"), "fast", Places.under(tmp_path)).path)
    assert record.status == "ok", record.message
    figures = {name: measure.value for name, measure in record.metrics.items()}
    assert (figures["coverage"] or 0) > 0.9
    assert (figures["auc"] or 0) > 0.6
    assert figures["cached"] == pytest.approx(1, abs=0.05)
    assert figures["disk_mb_per_s"] is None
    assert figures["single_p99_ms"] is not None
    assert not any("coverage" in reason for reason in record.validity.reasons)


@pytest.mark.slow
def test_a_constant_is_answered_for_and_invalid(judged: Trained) -> None:
    record = judged(CONSTANT.format(0.3))
    assert record.status == "ok"
    assert record.validity.state == "invalid"
    assert record.validity.reasons[0].startswith("coverage 0%")
    assert "miss the gate" in record.validity.reasons[1]
    assert record.metrics["time_to_quality_s"].value is record.metrics["time_to_quality_ratio"].value is None
    ratio, rate = record.metrics["rows_ratio"], record.metrics["rows_per_s"].value
    assert ratio.value == pytest.approx(rate / (PACE.batches * BATCH / 0.05), rel=0.1), (
        "each piece took 0.05 s"
    )
    assert ratio.low is None, "one process has no interval"
    assert {audit.passed for audit in record.audits} == {None}
    assert "training is ranked here" in record.audits[0].detail


def test_a_reference_that_trains_too_few_pieces_is_our_fault(judged: Trained) -> None:
    with pytest.raises(HarnessError, match="a checkpoint after each of 5 pieces"):
        judged(CONSTANT.format(0.3), pieces=0)


@pytest.mark.slow
def test_who_trains_on_the_first_query_is_timed_there(judged: Trained) -> None:
    rows_per_s = judged(LAZY).metrics["rows_per_s"].value
    assert rows_per_s is not None
    assert rows_per_s < PLAN.rows / 2


@pytest.mark.slow
def test_seconds_count_in_import_in_class_bodies_in_prepare_after_checkpoints_and_in_a_query(
    judged: Trained,
) -> None:
    rows_per_s = judged(EVERYWHERE).metrics["rows_per_s"].value
    assert rows_per_s is not None
    assert rows_per_s < PLAN.rows / 1.9


def test_a_prediction_that_is_not_finite_is_refused(judged: Trained) -> None:
    record = judged(CONSTANT.format("np.nan"))
    assert record.status == "invalid"
    assert "probabilities are not finite" in record.message
    assert record.validity.state == "invalid"
