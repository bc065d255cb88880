"""MLPerf's four scenarios and its LoadGen, with the null model and with one that cannot keep up."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from harness.evaluate import Evaluation
from harness.host import null_model
from harness.measurement.scenarios import loadgen, server
from harness.session.wire import TimedReply
from harness.spec import Answer, Arrays, Reporting, Scenario, Submission, Task

Judged = Callable[..., Evaluation]
Write = Callable[..., Submission]

NULL = Path(null_model.__file__).read_text()
SLOW = """
import time
import numpy as np

def build(context):
    def model(x):
        time.sleep(0.001)
        return np.int64(x.argmax())
    return model
"""

OWN_PACE = ("multi_stream", "server")
"""Scenarios in which LoadGen takes its time."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "scenario",
    [pytest.param(one, marks=[pytest.mark.slow] if one in OWN_PACE else []) for one in get_args(Scenario)],
)
def test_the_null_model_runs_in_every_scenario_and_loadgen_judges_its_run(
    judged: Judged, write: Write, tiny: Task, scenario: Scenario
) -> None:
    anything = replace(
        tiny,
        answer=Answer(lambda answer, query: answer.reshape(())),
        reporting=Reporting(memory_timeline=False),
    )
    made = judged(write(NULL), task=anything, scenario=scenario, loadgen=True)
    assert made.record.status == "ok", made.record.message
    assert made.record.scenario == scenario
    told = made.record.gauges["loadgen"]
    assert told == "VALID" or scenario == "server", "in server mode a busy machine may miss the bound"
    summary = (made.folder / "loadgen" / "mlperf_log_summary.txt").read_text()
    assert f"Result is : {told}" in summary
    assert (made.folder / "loadgen" / "mlperf_log_detail.txt").stat().st_size > 0


def test_offline_asks_many_at_once_and_scores_every_answer(judged: Judged, write: Write) -> None:
    batching = """
    import numpy as np
    class Model:
        def __call__(self, x): return np.int64(x.argmax())
        def batch(self, xs): return [np.int64(x.argmax()) for x in xs]
    def build(context): return Model()
    """
    made = judged(write(batching), scenario="offline")
    assert made.record.metrics["accuracy"].value == 1.0
    with (made.folder / "latencies.csv").open() as stream:
        assert len(list(csv.DictReader(stream))) < 2 * 48


@pytest.mark.slow
def test_the_server_scenario_finds_the_rate_that_is_held_and_shows_overload(
    judged: Judged, write: Write, tiny: Task
) -> None:
    strict = replace(
        tiny,
        execution=replace(tiny.execution, server_bound_ms=60.0),
        reporting=Reporting(memory_timeline=False),
    )
    made = judged(write(SLOW), task=strict, scenario="server")
    held = made.record.metrics["server_rate_qps"].value
    assert held is not None
    assert 10 < held < 1200, "1 ms a query: for long never more than 1000 a second"
    assert "overloaded at" in str(made.record.gauges["server_verdict"])
    with (made.folder / "server.csv").open() as stream:
        trials = list(csv.DictReader(stream))
    worst = max(trials, key=lambda trial: float(trial["rate_qps"]))
    assert worst["held"] == "False"
    assert float(worst["growth"]) > 1.5, "the queue grows without end"


def test_arrivals_are_a_poisson_process() -> None:
    times = server.arrivals(50.0, 4000, seed=1)
    gaps = [later - sooner for sooner, later in zip([0.0, *times], times, strict=False)]
    mean = sum(gaps) / len(gaps)
    spread = (sum((gap - mean) ** 2 for gap in gaps) / len(gaps)) ** 0.5
    assert mean == pytest.approx(1 / 50, rel=0.06)
    assert spread == pytest.approx(mean, rel=0.08), "exponential gaps scatter as widely as they are long"


def load(seconds: float, bound_ms: float = 100.0) -> server.Load:
    return server.Load(lambda x: time.sleep(seconds), [np.zeros(1)], bound_ms, 320, 0)


def test_an_entry_slower_than_the_bound_is_not_tried_at_any_rate() -> None:
    started = time.perf_counter()
    result = server.highest_rate(load(0.45), alone_s=0.45, most_s=900)
    assert time.perf_counter() - started < 1
    assert (result.held_qps, result.trials) == (None, ())
    assert server.verdict(result) == "no rate held within 100 ms: a query alone takes 450 ms"


def test_the_search_for_a_rate_ends_in_its_time_and_says_so() -> None:
    steps = []
    started = time.perf_counter()
    result = server.highest_rate(
        load(0.002, 50),
        alone_s=0.002,
        most_s=2.0,
        progress=lambda what, done, total: steps.append((done, total)),
    )
    assert time.perf_counter() - started < 2.5
    assert not result.finished
    assert "the search ended early, after" in server.verdict(result)
    assert steps[0] == (0, 7)


class Slow:
    """Stands for a session whose every request is reported to take ``seconds``."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.asked = seconds, 0

    def ask_all(self, xs: Sequence[Arrays]) -> TimedReply:
        self.asked += 1
        return TimedReply(None, int(self.seconds * 1e9))  # type: ignore[arg-type]


@pytest.mark.parametrize("scenario", ["single_stream", "multi_stream", "server"])
def test_loadgen_is_not_begun_where_its_queries_would_not_end_in_time(
    scenario: Scenario, tmp_path: Path
) -> None:
    session = Slow(5.0)
    result = loadgen.run(session, [np.zeros(1)] * 8, scenario, tmp_path, 100.0, 0.1, most_s=240)  # type: ignore[arg-type]
    taken = 1000 if scenario == "server" else 500
    assert result.verdict == f"not run: its 100 queries take {taken} s, and 240 s are left"
    assert session.asked == 1, "one request tells that there is no time for more"


def test_loadgen_asks_nothing_after_its_time(tmp_path: Path) -> None:
    class Slower(Slow):
        def ask_all(self, xs: Sequence[Arrays]) -> TimedReply:
            time.sleep(0 if self.asked < loadgen.PROBES else 0.05)
            return super().ask_all(xs)

    session = Slower(1e-4)
    result = loadgen.run(session, [np.zeros(1)], "single_stream", tmp_path, 100.0, most_s=0.5)  # type: ignore[arg-type]
    assert result.verdict == "INVALID: cut off after 0.5 s"
    assert session.asked < 25


def test_latency_counts_from_the_scheduled_arrival() -> None:
    latencies = server.serve(lambda x: None, [0], [0.0, 0.0, -0.05])  # type: ignore[list-item]
    assert latencies[2] > 50e6, "a query that had to wait 50 ms waited 50 ms"
