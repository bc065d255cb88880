"""Where a frame's time goes: jitter, the first frame, the way in and out, the page's own clock."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.measurement.process_pair import HostNotes, ProcessPair, Splits
from harness.measurement.run_result import RunTotals
from harness.record import Phase, Timing
from harness.scoring.measures import gauges, measured
from harness.stats import paired_log_ratio

MS = 1_000_000
RATIO = paired_log_ratio([[0.0, 0.1], [0.1, 0.0]])
TOTALS = RunTotals(datetime.now(UTC), 2.0, 1.0, 0.5, None, before={"load_1min": 0.0}, after={})


def replicate(*times_ms: float) -> ProcessPair:
    return ProcessPair(
        phases={name: Phase(seconds=0.25) for name in ("build", "first_query", "steady")},
        timings=[Timing(0, 0, n, 1, round(ms * MS), MS) for n, ms in enumerate(times_ms)],
        splits=Splits([(MS, round((ms - 3) * MS), 2 * MS) for ms in times_ms]),
        host=HostNotes(report={"page_ms": [99.0, *(ms - 1 for ms in times_ms)]}),
    )


def test_jitter_is_the_mean_change_within_a_process() -> None:
    found = measured(0, [replicate(10, 12, 11), replicate(50, 50)], RATIO)
    assert found["jitter_ms"].value == (2 + 1 + 0) / 3


def test_the_first_frame_is_told_apart() -> None:
    assert measured(0, [replicate(10, 12)], RATIO)["first_query_ms"].value == 250


def test_one_frame_alone_has_no_jitter() -> None:
    assert measured(0, [replicate(10)], RATIO)["jitter_ms"].value is None


def test_the_split_adds_up_and_warm_up_is_left_out_of_the_pages_clock() -> None:
    found = gauges(TOTALS, [replicate(10, 12, 11)])
    assert (found["to_model_ms"], found["model_ms"], found["to_host_ms"]) == (1, 8, 2)
    assert found["page_ms"] == 10
    assert (found["loading_share"], found["harness_share"]) == (0.25, 0.25)


def test_a_record_without_a_page_has_no_clock_of_one() -> None:
    left = replicate(10, 12)
    left.host.report = {}
    assert "page_ms" not in gauges(TOTALS, [left])
