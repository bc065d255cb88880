"""The same submission under mlcommons-loadgen, through the sandbox; an optional extra.

LoadGen schedules and logs, our Session answers: ``mlperf_log_summary.txt`` and ``mlperf_log_detail.txt``
are LoadGen's own. What it measures includes its callback into Python (4-5 microseconds a query).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import monotonic
from typing import TYPE_CHECKING, Any

from harness.measurement.schedule import STREAMS
from harness.session.session import Session
from harness.spec import Scenario
from harness.spec.errors import NotAvailable, SubmissionError

if TYPE_CHECKING:
    from harness.spec import Arrays

LEAST_MS = 1000
PROBES = 9
LEAST_QUERIES = {"single_stream": 100, "multi_stream": 100, "offline": 1, "server": 100}
_NAMES = {
    "single_stream": "SingleStream",
    "multi_stream": "MultiStream",
    "offline": "Offline",
    "server": "Server",
}


@dataclass(frozen=True)
class LoadGenResult:
    """What LoadGen's summary says: VALID or INVALID, or why there is none; and where its logs are."""

    scenario: Scenario
    verdict: str
    folder: Path


def run(
    session: Session,
    loaded: Sequence[Arrays],
    scenario: Scenario,
    folder: Path,
    bound_ms: float,
    rate_qps: float = 1.0,
    most_s: float = math.inf,
) -> LoadGenResult:
    """Run one performance test of a warm session; the logs appear in ``folder``.

    ``bound_ms`` and ``rate_qps`` are the server scenario's. A test that would take longer than ``most_s``
    seconds is not begun; one that does is cut off. Raises NotAvailable without the extra, SubmissionError
    where the submission fails.
    """
    lg = _module()
    failures: list[SubmissionError] = []
    ends = monotonic() + most_s
    width = 1 if scenario in {"single_stream", "server"} else min(STREAMS, len(loaded))
    group_s = _group_s(session, loaded[:width], ends)
    least_s = LEAST_QUERIES[scenario] * max(group_s, 1 / rate_qps if scenario == "server" else 0.0)
    if least_s > ends - monotonic():
        said = f"not run: its {LEAST_QUERIES[scenario]} queries take {least_s:.0f} s"
        return LoadGenResult(scenario, f"{said}, and {most_s:.0f} s are left", folder)

    def issue(samples: Sequence[Any]) -> None:
        for start in range(0, len(samples), width):
            group = samples[start : start + width]
            try:
                if not failures and monotonic() < ends:
                    session.ask_all([loaded[sample.index] for sample in group])
            except SubmissionError as error:
                failures.append(error)  # LoadGen knows no exceptions: finish its books first
            lg.QuerySamplesComplete([lg.QuerySampleResponse(sample.id, 0, 0) for sample in group])

    folder.mkdir(parents=True, exist_ok=True)
    sut = lg.ConstructSUT(issue, _nothing)
    qsl = lg.ConstructQSL(len(loaded), len(loaded), _ignore, _ignore)
    try:
        log = lg.LogSettings()
        log.log_output.outdir = str(folder)
        log.log_output.copy_summary_to_stdout = False
        lg.StartTestWithLogSettings(
            sut, qsl, _settings(lg, scenario, group_s / width, bound_ms, rate_qps), log
        )
    finally:
        lg.DestroyQSL(qsl)
        lg.DestroySUT(sut)
    if failures:
        raise failures[0]
    if monotonic() >= ends:
        return LoadGenResult(scenario, f"INVALID: cut off after {most_s:g} s", folder)
    summary = (folder / "mlperf_log_summary.txt").read_text()
    return LoadGenResult(scenario, "VALID" if "Result is : VALID" in summary else "INVALID", folder)


def _group_s(session: Session, group: Sequence[Arrays], ends: float) -> float:
    """Return the median seconds of a request, from a few of them or as many as there is time for."""
    taken = [session.ask_all(group).ns]
    while len(taken) < PROBES and monotonic() + LEAST_QUERIES["server"] * median(taken) / 1e9 < ends:
        taken.append(session.ask_all(group).ns)
    return median(taken) / 1e9


def _settings(lg: Any, scenario: Scenario, query_s: float, bound_ms: float, rate_qps: float) -> Any:
    """``query_s`` is halved: LoadGen plans by it, and a test that ends before its least time is INVALID."""
    expected_s = query_s / 2
    settings = lg.TestSettings()
    settings.scenario = getattr(lg.TestScenario, _NAMES[scenario])
    settings.mode = lg.TestMode.PerformanceOnly
    settings.min_duration_ms = LEAST_MS
    settings.min_query_count = LEAST_QUERIES[scenario]
    settings.single_stream_expected_latency_ns = int(expected_s * 1e9)
    settings.multi_stream_expected_latency_ns = int(expected_s * STREAMS * 1e9)
    settings.multi_stream_samples_per_query = STREAMS
    settings.offline_expected_qps = 1 / expected_s
    settings.server_target_qps = rate_qps
    settings.server_target_latency_ns = int(bound_ms * 1e6)
    return settings


def _module() -> Any:
    try:
        import mlperf_loadgen
    except ImportError as error:
        raise NotAvailable("'--loadgen' needs mlcommons-loadgen; install it with 'make setup'") from error
    return mlperf_loadgen


def _nothing() -> None:
    """LoadGen asks to flush; nothing is held back here."""


def _ignore(samples: Sequence[int]) -> None:
    """LoadGen asks to load or unload samples; they are in memory throughout."""
