"""What is looked at beside the measured processes: a portrait of memory, the server's limit, LoadGen."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness.measurement.diagnostics.memory_timeline import memory_timeline
from harness.measurement.pair_statistics import median_ms
from harness.measurement.pairs import ProcessPair
from harness.measurement.participant import Participant, ignore_answers
from harness.measurement.run_plan import RunPlan
from harness.measurement.scenarios import loadgen, server
from harness.measurement.schedule import Share
from harness.record import Measure
from harness.record.series import MemorySample, memory_csv

if TYPE_CHECKING:
    from harness.spec import Arrays

MOST_LOADED = 64
MOST_PIPELINED, PIPELINED_ROUNDS = 16, 3
LOADGEN_SHARE = 0.8
"""LoadGen is offered this share of the rate held: at the very edge one run in two would fail."""
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
    run_plan: RunPlan, share: Share, replicates: Sequence[ProcessPair], *, loadgen_too: bool
) -> Diagnostics:
    """Look at everything that was asked for. Raises SubmissionError where the submission fails."""
    samples = memory_timeline(run_plan, share) if run_plan.task.reporting.memory_timeline else []
    files = {"memory.csv": memory_csv(samples)} if samples else {}
    metrics: dict[str, Measure] = {}
    gauges: dict[str, float | str | None] = {}
    alone_s = (median_ms(replicates) or 1.0) / 1e3
    if run_plan.scenario == "server":
        found = _server(run_plan, share, alone_s)
        metrics["server_rate_qps"] = Measure(value=found.held_qps, unit="1/s", goal="max")
        metrics["server_p99_ms"] = Measure(value=found.tail_ms, unit="ms", goal="min")
        gauges["server_verdict"] = server.verdict(found)
        files["server.csv"] = server.table(found).encode()
    if run_plan.task.reporting.pipelined:
        metrics["pipelined_qps"] = Measure(value=_pipelined(run_plan, share), unit="1/s", goal="max")
    if loadgen_too:
        result, logs = _loadgen(run_plan, share, alone_s, metrics)
        gauges["loadgen"] = "VALID" if result.valid else "INVALID"
        files |= logs
    return Diagnostics(samples, files, metrics, gauges)


def _server(run_plan: RunPlan, share: Share, alone_s: float) -> server.ServerResult:
    with run_plan.open_session() as session:
        Participant(session, run_plan, ignore_answers).begin(share)
        loaded = _loaded(run_plan, share)
        bound = run_plan.task.execution.server_bound_ms
        return server.highest_rate(session.ask, loaded, alone_s, bound, SERVER_QUERIES, run_plan.seed)


def _pipelined(run_plan: RunPlan, share: Share) -> float:
    """Queries a second where none waits for the answer to the one before: the best of a few rounds."""
    with run_plan.open_session() as session:
        Participant(session, run_plan, ignore_answers).begin(share)
        xs = _loaded(run_plan, share)[: min(run_plan.most_at_once, MOST_PIPELINED)]
        return max(len(xs) * 1e9 / session.ask_all(xs).ns for _ in range(PIPELINED_ROUNDS))


def _loadgen(
    run_plan: RunPlan, share: Share, alone_s: float, metrics: Mapping[str, Measure]
) -> tuple[loadgen.LoadGenResult, dict[str, bytes]]:
    held = metrics.get("server_rate_qps")
    rate = LOADGEN_SHARE * held.value if held and held.value else 0.5 / alone_s
    with (
        run_plan.open_session() as session,
        tempfile.TemporaryDirectory() as name,
    ):
        Participant(session, run_plan, ignore_answers).begin(share)
        result = loadgen.run(
            session,
            _loaded(run_plan, share)[: run_plan.most_at_once],
            run_plan.scenario,
            Path(name),
            run_plan.task.execution.server_bound_ms,
            rate,
        )
        return result, {f"loadgen/{path.name}": path.read_bytes() for path in Path(name).glob("mlperf_log_*")}


def _loaded(run_plan: RunPlan, share: Share) -> list[Arrays]:
    queries = [run_plan.queries[index] for index in share.timed]
    return [query.load() for query in queries if query.teach is None][:MOST_LOADED]
