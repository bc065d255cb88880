"""One evaluation end to end on a tiny task, with the real sandbox, and what it leaves behind."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from harness.evaluate import Evaluation
from harness.record import read_record
from harness.spec import Reporting, Submission, Task
from harness.spec.errors import NotAvailable

Judged = Callable[..., Evaluation]
Write = Callable[..., Submission]

RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"


def test_a_right_entry_scores_one_and_leaves_everything_behind(judged: Judged, write: Write) -> None:
    made = judged(write(RIGHT))
    record = made.record
    assert record.status == "ok"
    assert record.validity.state == "provisional"
    assert record.metrics["accuracy"].value == 1.0
    assert {"start", "import", "build", "first_query", "warm_up", "steady"} == set(record.phases)
    assert all(phase.seconds >= 0 and (phase.memory_peak_mb or 0) > 5 for phase in record.phases.values())
    assert record.metrics["latency_p50_ms"].value is not None
    assert record.metrics["latency_ratio"].low is not None
    assert read_record(made.folder) == record
    rows = np.load(made.folder / "rows.npz")
    assert len(rows["id"]) == 24, "rows hold the public half only"
    assert rows["right"].sum() == 24
    assert len(np.load(made.folder / "answers.npz").files) == 48
    with (made.folder / "latencies.csv").open() as stream:
        timings = list(csv.DictReader(stream))
    assert len(timings) == 2 * 48
    assert {timing["who"] for timing in timings} == {"submission", "reference"}


def test_no_interval_leads_beyond_what_the_metric_can_be(judged: Judged, write: Write, tiny: Task) -> None:
    (metric,) = tiny.metrics
    quality = replace(tiny.quality, metrics=(replace(metric, bounds=(0.12, 0.13)),))
    strict = replace(tiny, quality=quality, reporting=Reporting(memory_timeline=False))
    wrong = "import numpy as np\ndef build(c): return lambda x: np.int64(0)\n"
    accuracy = judged(write(wrong), task=strict).record.metrics["accuracy"]
    assert (accuracy.low, accuracy.high) == (0.12, 0.13)


def test_a_wrong_entry_scores_what_it_earned(judged: Judged, write: Write) -> None:
    record = judged(write("import numpy as np\ndef build(c): return lambda x: np.int64(0)\n")).record
    accuracy = record.metrics["accuracy"]
    assert accuracy.value is not None
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert 0 < accuracy.value < 0.5
    assert accuracy.low < accuracy.value < accuracy.high


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("def build(context:\n", "invalid"),
        ("def build(c): raise OSError('gone')\n", "failed"),
        ("def build(c): return lambda x: x\n", "invalid"),
        ("def build(c): return lambda x: float('nan')\n", "invalid"),
        ("import time\ndef build(c): return lambda x: time.sleep(9)\n", "timeout"),
        ("def build(c): return [bytearray(10**8) for i in range(9)].pop\n", "out_of_memory"),
    ],
)
def test_a_fault_ends_in_a_record_that_cannot_rank(
    judged: Judged, write: Write, source: str, status: str
) -> None:
    made = judged(write(source))
    assert made.record.status == status
    assert made.record.validity.state == "invalid"
    assert made.record.message
    assert json.loads((made.folder / "record.json").read_text())["status"] == status
    assert "accuracy" not in made.record.metrics


def test_what_fails_on_a_full_disk_is_not_held_against_the_submission(
    judged: Judged, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    with pytest.raises(NotAvailable, match=r"has 1 MB left.*make room there"):
        judged(write("def build(c): raise OSError('No space left on device')\n"))
    assert not list(tmp_path.glob("records/*"))
    assert judged(write(RIGHT)).record.status == "ok"


def test_burning_cpu_while_the_reference_is_timed_is_impossible_or_flagged(
    judged: Judged, write: Write
) -> None:
    record = judged(
        write("""
        import threading, time
        import numpy as np
        def burn():
            while True: pass
        def build(context):
            threading.Thread(target=burn, daemon=True).start()
            return lambda x: np.int64(x.argmax())
        """)
    ).record
    assert record.status == "ok"
    ratio = record.metrics["latency_ratio"].value
    assert ratio is not None
    assert ratio > 0.5 or record.validity.state == "invalid"


@pytest.mark.slow
def test_a_slow_model_answers_a_part_where_the_task_has_enough(
    judged: Judged, write: Write, tiny: Task
) -> None:
    slow = RIGHT.replace("lambda x: ", "lambda x: time.sleep(0.01) or ").replace(
        "numpy as np", "time, numpy as np"
    )
    processes = replace(tiny.execution.processes, enough_s=0.05)
    hasty = replace(
        tiny,
        execution=replace(tiny.execution, processes=processes),
        reporting=Reporting(memory_timeline=False),
    )
    folders = [judged(write(source, name), task=hasty).folder for name, source in (("a", RIGHT), ("b", slow))]
    counts = [len(np.load(folder / "answers.npz").files) for folder in folders]
    assert counts[0] == 48
    assert 8 <= counts[1] < 48
