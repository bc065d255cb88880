"""Nanoseconds a step from simulated times; right and wrong answers; shortcuts through the sandbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest

from datasets.chains import layout
from harness.evaluate import EvaluationJob, evaluate_job
from harness.intake.lookup import find_submission, inspect
from harness.measurement.run_plan import RunSetup
from harness.record import Record
from harness.sandbox import choose
from harness.scoring.run_metrics import run_measures
from harness.session.worker import ROOT
from harness.spec import PROFILES, DataRequest, ModelTime, Places, Prepared, ProcessOutcome, Query, RunOutcome
from harness.spec.errors import InvalidSubmission
from tasks.tiny_latency import slopes
from tasks.tiny_latency.chains import check, error, perturb
from tasks.tiny_latency.task import task

SHARED = ROOT / "submissions" / "_chain" / "chain.py"
HALF = """
import numpy as np
from chain import Weights, checked, model, EVERY
def build(context):
    weights = Weights.published(context)
    layers = weights.layers
    def advance(inputs, state):
        for row in ((inputs - weights.mean) / weights.std)[1::2]:
            state = np.concatenate([row, state])
            for kernel, bias in layers:
                state = np.abs(state @ kernel + bias)
        return state
    return model(weights.width, advance)
"""
NULL = """
import numpy as np
def build(context):
    return lambda x: np.zeros((len(x["inputs"]) // 1000 + 1, len(x["state"])), np.float32)
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout, "SIZES", {"narrow": layout.Size(16, 4, most_steps=1200, sets=2)})
        return task.dataset.prepare(DataRequest("narrow", tmp_path_factory.mktemp("data")))


@pytest.fixture(scope="module")
def queries(prepared: Prepared) -> list[Query]:
    return list(task.queries(prepared))


def process(queries: list[Query], ns: float, reference_ns: float, seed: int) -> ProcessOutcome:
    """Times of so many nanoseconds a step on a call of 100 us, noisy, every eighth one interrupted."""
    rng = np.random.default_rng(seed)

    def took(per_step: float, steps: int) -> float:
        interrupted = 3e-3 if rng.random() < 1 / 8 else 0.0
        return 100e-6 + per_step * steps * 1e-9 + abs(rng.normal(0, 0.5e-6)) + interrupted

    times = [
        ModelTime(index, took(ns, query.truth.steps), took(reference_ns, query.truth.steps))
        for index, query in enumerate(queries)
    ]
    answers = {index: query.truth.answer for index, query in enumerate(queries)}
    return ProcessOutcome(answers, {}, [], at_model=times)


def figures(run: RunOutcome) -> Mapping[str, tuple[float | None, float | None, float | None]]:
    return {name: (m.value, m.low, m.high) for name, m in run_measures(task, run).items()}


def faults(run: RunOutcome) -> tuple[str, ...]:
    assert task.quality.faults
    return tuple(task.quality.faults(run, figures(run)))


def test_the_slope_is_found_and_paired(prepared: Prepared, queries: list[Query]) -> None:
    drifting = [process(queries, 300 * speed, 200 * speed, n) for n, speed in enumerate((1, 1.1, 1.3, 0.9))]
    found = figures(RunOutcome(prepared, queries, drifting))
    ratio, low, high = found["step_ratio"]
    assert ratio == pytest.approx(1.5, rel=0.02)
    assert low is not None
    assert high is not None
    assert high / low < 1.1, "a drift of the machine meets both alike"
    assert found["ns_per_step"][0] == pytest.approx(300 * (1.1 * 1.3 * 0.9) ** 0.25, rel=0.02)
    assert found["overhead_us"][0] == pytest.approx(100.5, rel=0.01)
    assert not faults(RunOutcome(prepared, queries, drifting))


def test_a_time_that_does_not_grow_has_no_slope(prepared: Prepared, queries: list[Query]) -> None:
    still = process(queries, 0.0, 200, 1)
    times = [replace(one, submission_s=1e-3 - one.query * 1e-9) for one in still.at_model]
    shrinking = replace(still, at_model=[replace(t, submission_s=1e-3) for t in times])
    found = figures(RunOutcome(prepared, queries, [shrinking] * 2))
    assert found["ns_per_step"] == found["step_ratio"] == (None, None, None)
    assert figures(RunOutcome(prepared, queries, [replace(still, at_model=[])]))["overhead_us"][0] is None


def test_what_is_faster_than_the_arithmetic_is_invalid(
    prepared: Prepared, queries: list[Query], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slopes, "peak_gflops", lambda: 100.0)
    fast = RunOutcome(prepared, queries, [process(queries, 5.0, 200, n) for n in range(3)])
    assert figures(fast)["roofline_ns"][0] == pytest.approx(2 * (34 * 16 + 3 * 256) / 100)
    (fault,) = faults(fast)
    assert "ns a step: at this machine's peak the arithmetic alone takes 26.2 ns" in fault


def test_short_chains_that_wait_make_it_invalid(prepared: Prepared, queries: list[Query]) -> None:
    honest = [process(queries, 300, 200, n) for n in range(3)]

    def padded(one: ModelTime) -> ModelTime:
        rest = 1200 - queries[one.query].truth.steps
        return replace(one, submission_s=one.submission_s + 100e-9 * rest)

    cheating = [replace(one, at_model=[padded(time) for time in one.at_model]) for one in honest]
    assert not faults(RunOutcome(prepared, queries, honest))
    run = RunOutcome(prepared, queries, cheating)
    assert figures(run)["ns_per_step"][0] == pytest.approx(200, rel=0.02), "it would look a third faster"
    (fault,) = faults(run)
    assert re.match(r"a call costs more than the reference's by at least (4\d|50)% of", fault)


def test_one_wrong_answer_makes_it_invalid(prepared: Prepared, queries: list[Query]) -> None:
    good = process(queries, 300, 200, 0)
    wrong = {**good.answers, 0: queries[0].truth.answer * (1 + 3e-4)}
    (fault,) = faults(RunOutcome(prepared, queries, [good, replace(good, answers=wrong)]))
    assert fault.startswith("1 wrong answers: chain 00, 1200 steps is off by 0.0003")


def test_nan_must_stand_where_the_right_answer_has_it(queries: list[Query]) -> None:
    truth = queries[0].truth
    spoilt = truth.answer.copy()
    spoilt[0, 0] = np.nan
    assert error(spoilt, truth) == np.inf
    assert error(spoilt, truth._replace(answer=spoilt)) == 0


@pytest.mark.parametrize(
    "answer", [np.zeros(16), np.zeros((2, 16), int), np.zeros((3, 16)), {"a": np.zeros(1)}]
)
def test_answers_of_another_form_are_refused(queries: list[Query], answer: object) -> None:
    with pytest.raises(InvalidSubmission, match=r"one array of floating-point numbers \(2, 16\)"):
        check(answer, queries[0])  # type: ignore[arg-type]


def test_a_perturbed_chain_has_the_same_steps_and_another_state(queries: list[Query]) -> None:
    x = queries[0].load()
    other = perturb(x, Random(0))
    assert isinstance(x, Mapping)
    assert isinstance(other, Mapping)
    assert other["inputs"] is x["inputs"]
    assert other["state"].dtype == np.float32
    assert (other["state"] != x["state"]).any()


Judged = Callable[[str], Record]


@pytest.fixture
def judged(prepared: Prepared, tmp_path: Path) -> Judged:
    """Evaluate the source of an entry, quickly, beside the shipped NumPy loop, which needs no compiler."""

    def evaluated(source: str) -> Record:
        entry = tmp_path / "entry"
        entry.mkdir()
        (entry / "submission.py").write_text(source)
        (entry / "chain.py").write_bytes(SHARED.read_bytes())
        beside = replace(task, execution=replace(task.execution, reference="numpy_loop"))
        setup = RunSetup(beside, prepared, PROFILES["cpu"], choose(), tmp_path / "host.log", quick=True)
        places = Places.under(tmp_path / "home")
        mine = inspect(entry, task.execution.limits, places.entries)
        both = mine, find_submission(beside, "numpy_loop", places)
        return evaluate_job(EvaluationJob(setup, *both, tmp_path / "records")).record

    return evaluated


@pytest.mark.slow
@pytest.mark.parametrize(("name", "source"), [("null", NULL), ("every second step", HALF)])
def test_shortcuts_are_invalid(judged: Judged, name: str, source: str) -> None:
    record = judged(source)
    assert record.status == "ok", record.message
    assert record.validity.state == "invalid"
    assert "wrong answers" in record.validity.reasons[0], name


@pytest.mark.slow
def test_the_honest_loop_is_not(judged: Judged) -> None:
    record = judged(HALF.replace("[1::2]", ""))
    assert record.status == "ok", record.message
    assert record.validity.state == "provisional"
    assert (record.metrics["error"].value or 1) < 5e-5
    assert 0.5 < (record.metrics["step_ratio"].value or 0) < 2
