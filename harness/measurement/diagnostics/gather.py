"""Untimed diagnostic runs: memory timeline, server scenario, LoadGen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.measurement.diagnostics.memory_timeline import memory_timeline
from harness.measurement.pair_statistics import median_ms
from harness.measurement.participant import Participant, ignore_answers
from harness.measurement.process_pair import ProcessPair
from harness.measurement.run_plan import RunPlan
from harness.measurement.scenarios import loadgen, server
from harness.measurement.schedule import Share
from harness.record import Measure
from harness.record.series import MemorySample, memory_csv
from harness.session.session import Session
from harness.spec import Progress, no_progress

if TYPE_CHECKING:
    from harness.spec import Arrays

MOST_LOADED, MOST_LOADED_BYTES = 64, 512_000_000
MOST_PIPELINED, PIPELINED_ROUNDS = 16, 3
LOADGEN_SHARE = 0.8
"""LoadGen is offered this share of the highest rate served: at that rate one run in two would fail."""
MOST_QUICK_S, MOST_S = 60.0, 240.0
"""The server scenario and LoadGen take at most so long each, and never longer than a run's ``run_s``."""
SERVER_QUERIES = 320
"""A little more than the 299 queries that a bound on the 99th percentile needs."""


@dataclass(frozen=True)
class Diagnostics:
    """Files for the record's folder, and what they say in numbers."""

    samples: Sequence[MemorySample] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    metrics: Mapping[str, Measure] = field(default_factory=dict)
    gauges: Mapping[str, float | str | None] = field(default_factory=dict)


def gather(
    run_plan: RunPlan,
    share: Share,
    process_pairs: Sequence[ProcessPair],
    progress: Progress = no_progress,
    *,
    with_loadgen: bool,
) -> Diagnostics:
    """Make every diagnostic run that was asked for. Raises SubmissionError where the submission fails."""
    samples = memory_timeline(run_plan, share) if run_plan.task.reporting.memory_timeline else []
    files = {"memory.csv": memory_csv(samples)} if samples else {}
    metrics: dict[str, Measure] = {}
    gauges: dict[str, float | str | None] = {}
    alone_s = (median_ms(process_pairs) or 1.0) / 1e3
    if run_plan.scenario == "server":
        served = _server(run_plan, share, alone_s, progress)
        metrics["server_rate_qps"] = Measure(value=served.held_qps, unit="1/s", goal="max")
        metrics["server_p99_ms"] = Measure(value=served.tail_ms, unit="ms", goal="min")
        gauges["server_verdict"] = server.verdict(served)
        files["server.csv"] = server.table(served).encode()
    if run_plan.task.reporting.pipelined:
        metrics["pipelined_qps"] = Measure(value=_pipelined(run_plan, share), unit="1/s", goal="max")
    if with_loadgen:
        result, logs = _loadgen(run_plan, share, alone_s, metrics)
        gauges["loadgen"] = result.verdict
        files |= logs
    return Diagnostics(samples, files, metrics, gauges)


@contextmanager
def _warm_session(run_plan: RunPlan, share: Share) -> Iterator[Session]:
    """Open a session of the submission and take it through its phases, untimed."""
    with run_plan.open_session() as session:
        Participant(session, run_plan, ignore_answers).begin(share)
        yield session


def _server(run_plan: RunPlan, share: Share, alone_s: float, progress: Progress) -> server.ServerResult:
    """Search for the highest rate held, in the seconds that a run and this scenario may take."""
    with _warm_session(run_plan, share) as session:
        asked = run_plan.sizes.within(_asked(run_plan, share), MOST_LOADED, MOST_LOADED_BYTES)
        load = server.Load(
            session.ask,
            _loaded(run_plan, asked),
            run_plan.task.execution.server_bound_ms,
            SERVER_QUERIES,
            run_plan.seed,
        )
        return server.highest_rate(load, alone_s, _left_s(run_plan, session), progress)


def _pipelined(run_plan: RunPlan, share: Share) -> float:
    """Return queries a second where none waits for the answer to the one before: the best of a few rounds."""
    with _warm_session(run_plan, share) as session:
        xs = _loaded(run_plan, _one_request(run_plan, share, MOST_PIPELINED))
        return max(len(xs) * 1e9 / session.ask_all(xs).ns for _ in range(PIPELINED_ROUNDS))


def _loadgen(
    run_plan: RunPlan, share: Share, alone_s: float, metrics: Mapping[str, Measure]
) -> tuple[loadgen.LoadGenResult, dict[str, bytes]]:
    served = metrics.get("server_rate_qps")
    rate = LOADGEN_SHARE * served.value if served and served.value else 0.5 / alone_s
    with _warm_session(run_plan, share) as session, tempfile.TemporaryDirectory() as name:
        result = loadgen.run(
            session,
            _loaded(run_plan, _one_request(run_plan, share, MOST_LOADED)),
            run_plan.scenario,
            Path(name),
            run_plan.task.execution.server_bound_ms,
            rate,
            _left_s(run_plan, session),
        )
        return result, {f"loadgen/{path.name}": path.read_bytes() for path in Path(name).glob("mlperf_log_*")}


def _left_s(run_plan: RunPlan, session: Session) -> float:
    """Return how many seconds a diagnostic run in this session may take."""
    most_s = MOST_QUICK_S if run_plan.setup.quick else MOST_S
    return min(most_s, run_plan.task.execution.limits.run_s - session.spent_ns / 1e9)


def _asked(run_plan: RunPlan, share: Share) -> list[int]:
    return [index for index in share.timed if run_plan.queries[index].teach is None]


def _one_request(run_plan: RunPlan, share: Share, most: int) -> Sequence[int]:
    """Return the first queries that fit into one request together."""
    return next(run_plan.sizes.packed(_asked(run_plan, share), most))


def _loaded(run_plan: RunPlan, indices: Sequence[int]) -> list[Arrays]:
    return [run_plan.queries[index].load() for index in indices]
