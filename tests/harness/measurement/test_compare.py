"""Is A faster than B: fresh runs against each other, records through their reference, and whose fault."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.evaluate import Evaluation
from harness.intake.lookup import find_submission
from harness.measurement.calibration import calibrate, read
from harness.measurement.calibration import write as keep
from harness.measurement.compare import compare_records, compare_submissions
from harness.measurement.run_plan import RunSetup
from harness.record import Latency, Record
from harness.record.latency import moved_between, moved_words
from harness.spec import Places, Submission
from harness.spec.errors import SubmissionFailed, UserError

Judged = Callable[..., Evaluation]
Write = Callable[..., Submission]

SLEEPING = (
    "import time\nimport numpy as np\ndef build(c):\n    return lambda x: (time.sleep({}), np.int64(0))[1]\n"
)


@pytest.fixture
def against(setup: RunSetup) -> Callable[..., object]:
    def compared(a: Submission, b: Submission) -> object:
        return compare_submissions(setup, a, b, 0.03)

    return compared


@pytest.mark.slow
def test_an_entry_three_times_as_slow_is_slower_and_the_other_way_round_faster(
    against: Callable[..., object], write: Write
) -> None:
    quick, slow = write(SLEEPING.format(0.002), "quick"), write(SLEEPING.format(0.006), "slow")
    found = against(slow, quick)
    assert found.verdict == "slower"  # type: ignore[attr-defined]
    assert found.exit_code == 3  # type: ignore[attr-defined]
    assert 2 < found.ratio.value < 4  # type: ignore[attr-defined]
    assert against(quick, slow).exit_code == 0  # type: ignore[attr-defined]


def test_a_failure_of_either_side_is_its_owners_and_named(
    against: Callable[..., object], write: Write
) -> None:
    good = write(SLEEPING.format(0), "good")
    bad = write("def build(c): raise ValueError('no weights')\n", "bad")
    for pair in ((good, bad), (bad, good)):
        with pytest.raises(SubmissionFailed, match="no weights"):
            against(*pair)


def with_ratio(record: Record, value: float, log_se: float) -> Record:
    """The same record with another latency."""
    measure = record.metrics["latency_ratio"].model_copy(update={"value": value})
    latency = Latency(log_mean=math.log(value), standard_error=log_se, degrees_of_freedom=7.0, margin=None)
    changes = {"metrics": {**record.metrics, "latency_ratio": measure}, "latency": latency}
    return record.model_copy(update=changes)


@pytest.mark.slow
def test_two_records_of_one_board_compare_through_their_reference(judged: Judged, write: Write) -> None:
    made = judged(write(SLEEPING.format(0), "entry")).record
    slow, quick = with_ratio(made, 1.2, 0.01), with_ratio(made, 0.8, 0.01)
    found = compare_records(slow, quick)
    assert found.ratio.value == pytest.approx(1.5)
    assert found.verdict == "slower"
    assert compare_records(quick, slow).verdict == "faster"
    assert compare_records(with_ratio(made, 1.2, 0.3), quick).verdict == "no difference"


def test_records_compare_within_the_wider_of_their_own_margins(judged: Judged, write: Write) -> None:
    made = judged(write(SLEEPING.format(0), "entry")).record
    slow, quick = with_ratio(made, 1.02, 1e-4), with_ratio(made, 1.0, 1e-4)
    told = [
        record.model_copy(update={"latency": record.latency.model_copy(update={"margin": 0.01})})
        for record in (slow, quick)
    ]
    assert compare_records(*told).verdict == "slower"
    assert compare_records(told[0], quick).verdict == "no difference", "where nothing was learnt, 3 %"


def test_a_reference_that_took_longer_in_one_run_makes_no_lead(judged: Judged, write: Write) -> None:
    """Both entries took 4 ms; the host, or one of them, slowed the reference from 1 ms to 1.2 ms."""
    made = judged(write(SLEEPING.format(0), "entry")).record
    assert 0 < made.gauges["reference_ms"] < 1e3  # type: ignore[operator]

    def beside(ms: float, ratio: float, machine: str = "here") -> Record:
        changes = {"gauges": {**made.gauges, "reference_ms": ms}, "machine": {"fingerprint": machine}}
        return with_ratio(made, ratio, 0.001).model_copy(update=changes)

    slowed, quiet = beside(1.2, 4 / 1.2), beside(1.0, 4.0)
    assert compare_records(slowed, quiet).verdict == "no difference"
    assert compare_records(quiet, slowed).verdict == "no difference"
    assert compare_records(beside(1.2, 4.2), quiet).verdict == "slower", "by its ratio and by its time"
    assert compare_records(beside(1.2, 3.0), quiet).verdict == "faster"
    old = quiet.model_copy(update={"gauges": {}})
    assert compare_records(slowed, old).verdict == "faster", "a record of an older version tells by its ratio"
    assert moved_between(slowed, beside(1.0, 4.0, "there")) == 0
    assert moved_words(moved_between(slowed, quiet), 0.03, ("a", "b")).startswith(
        "The reference took 20 % longer beside a than beside b"
    )
    assert moved_words(moved_between(quiet, beside(1.02, 4.0)), 0.03, ("a", "b")) == ""


def test_records_of_different_boards_or_without_latency_do_not_compare(judged: Judged, write: Write) -> None:
    good = judged(write(SLEEPING.format(0), "good")).record
    failed = judged(write("def build(c): raise ValueError\n", "bad")).record
    with pytest.raises(UserError, match="holds no latency"):
        compare_records(good, failed)
    with pytest.raises(UserError, match="differ in profile"):
        compare_records(good, good.model_copy(update={"profile": "edge"}))


def test_a_calibration_is_learnt_kept_and_read_for_this_machine_and_profile(
    setup: RunSetup, tmp_path: Path
) -> None:
    learnt = calibrate(setup, find_submission(setup.task, "honest", Places.under(tmp_path / "home")))
    assert learnt.margin >= 0.01
    assert learnt.ratio_low < learnt.ratio < learnt.ratio_high
    assert 0 < learnt.copy_us < learnt.floor_us
    assert learnt.memory_gb_s > 0.1
    keep(tmp_path / "calibration", learnt)
    assert read(tmp_path / "calibration", "cpu") == learnt
    assert read(tmp_path / "calibration", "edge") is None
    next((tmp_path / "calibration").iterdir()).write_text("{")
    assert read(tmp_path / "calibration", "cpu") is None, "what cannot be read was never learnt"
