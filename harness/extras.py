"""What is looked at beside the measured processes: a portrait of memory, the server's limit, LoadGen."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from harness import loadgen, server
from harness.driver import Session
from harness.measures import median_ms
from harness.pairing import Replicate
from harness.plan import Share
from harness.portrait import Sample, portrait
from harness.record import Measure
from harness.side import Bout, Side, unheard

if TYPE_CHECKING:
    from harness.spec import Arrays

MOST_LOADED = 64
MOST_PIPELINED, PIPELINED_ROUNDS = 16, 3
LOADGEN_SHARE = 0.8
"""LoadGen is offered this share of the rate held: at the very edge one run in two would fail."""
SERVER_QUERIES = 320
"""A little more than the 299 queries that a bound on the 99th percentile needs."""


@dataclass(frozen=True)
class Extra:
    """Files for the record's folder, and what they say in numbers."""

    samples: Sequence[Sample] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    metrics: Mapping[str, Measure] = field(default_factory=dict)
    gauges: Mapping[str, float | str | None] = field(default_factory=dict)


def gather(bout: Bout, share: Share, replicates: Sequence[Replicate], *, loadgen_too: bool) -> Extra:
    """Look at everything that was asked for. Raises SubmissionError where the submission fails."""
    samples = portrait(bout, share) if bout.task.watched else []
    lines = [f"{s.seconds:.3f},{s.memory_mb:.3f},{s.phase}\n" for s in samples]
    files = {"memory.csv": ("seconds,memory_mb,phase\n" + "".join(lines)).encode()} if samples else {}
    metrics: dict[str, Measure] = {}
    gauges: dict[str, float | str | None] = {}
    alone_s = (median_ms(replicates) or 1.0) / 1e3
    if bout.scenario == "server":
        found = _server(bout, share, alone_s)
        metrics["server_rate_qps"] = Measure(value=found.held_qps, unit="1/s", goal="max")
        metrics["server_p99_ms"] = Measure(value=found.tail_ms, unit="ms", goal="min")
        gauges["server_verdict"] = server.verdict(found)
        files["server.csv"] = server.table(found).encode()
    if bout.task.pipelined:
        metrics["pipelined_qps"] = Measure(value=_pipelined(bout, share), unit="1/s", goal="max")
    if loadgen_too:
        result, logs = _loadgen(bout, share, alone_s, metrics)
        gauges["loadgen"] = "VALID" if result.valid else "INVALID"
        files |= logs
    return Extra(samples, files, metrics, gauges)


def _server(bout: Bout, share: Share, alone_s: float) -> server.ServerResult:
    with Session(bout.stand_of(0), bout.submission, bout.seed) as session:
        Side(session, bout, unheard).begin(share)
        loaded = _loaded(bout, share)
        bound = bout.task.server_bound_ms
        return server.highest_rate(session.ask, loaded, alone_s, bound, SERVER_QUERIES, bout.seed)


def _pipelined(bout: Bout, share: Share) -> float:
    """Queries a second where none waits for the answer to the one before: the best of a few rounds."""
    with Session(bout.stand_of(0), bout.submission, bout.seed) as session:
        Side(session, bout, unheard).begin(share)
        xs = _loaded(bout, share)[: min(bout.most_at_once, MOST_PIPELINED)]
        return max(len(xs) * 1e9 / session.ask_all(xs).ns for _ in range(PIPELINED_ROUNDS))


def _loadgen(
    bout: Bout, share: Share, alone_s: float, metrics: Mapping[str, Measure]
) -> tuple[loadgen.LoadGenResult, dict[str, bytes]]:
    held = metrics.get("server_rate_qps")
    rate = LOADGEN_SHARE * held.value if held and held.value else 0.5 / alone_s
    with (
        Session(bout.stand_of(0), bout.submission, bout.seed) as session,
        tempfile.TemporaryDirectory() as name,
    ):
        Side(session, bout, unheard).begin(share)
        result = loadgen.run(
            session,
            _loaded(bout, share)[: bout.most_at_once],
            bout.scenario,
            Path(name),
            bout.task.server_bound_ms,
            rate,
        )
        return result, {f"loadgen/{path.name}": path.read_bytes() for path in Path(name).glob("mlperf_log_*")}


def _loaded(bout: Bout, share: Share) -> list[Arrays]:
    return [bout.queries[index].load() for index in share.timed[:MOST_LOADED]]
