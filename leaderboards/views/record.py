"""One record in the terminal, whole, in groups of two columns."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from harness.record import Measure, Record
from leaderboards.boards.names import plain
from leaderboards.views.console import console


def show_record(record: Record, on: Console | None = None) -> None:
    """Print a whole record."""
    (on or console()).print(record_view(record))


def record_view(record: Record) -> RenderableType:
    """Lay out a whole record, in groups of two columns."""
    head = Text(plain(record.submission.name), style="bold")
    if record.submission.team:
        head.append(f" · {plain(record.submission.team)}", style="dim")
    good = record.status == "ok" and record.validity.state == "valid"
    head.append(
        f"   {record.status.replace('_', ' ')}, {record.validity.state}", style="green" if good else "yellow"
    )
    parts: list[RenderableType] = [head]
    parts += [
        Text(plain(line, 400), style="yellow") for line in (record.message, *record.validity.reasons) if line
    ]
    for title, rows in _groups(record):
        lines = list(rows)
        if lines:
            table = Table(box=None, show_header=False, padding=(0, 2, 0, 2), pad_edge=True)
            table.add_column(style="cyan", no_wrap=True)
            table.add_column(overflow="fold")
            for name, text in lines:
                table.add_row(Text(plain(name)), Text(plain(text, 200)))
            parts += [Text(), Text(title, style="bold"), table]
    return Padding(Group(*parts), (1, 0, 1, 1), expand=False)


def _groups(record: Record) -> Iterator[tuple[str, Iterator[tuple[str, str]]]]:
    yield "run", iter(_run_lines(record))
    yield (
        "metrics (↑ more is better, ↓ less)",
        ((name, _measure(measure)) for name, measure in record.metrics.items()),
    )
    yield (
        "phases",
        (
            (
                name,
                f"{phase.seconds:.3f} s"
                + (f", {phase.memory_peak_mb:,.0f} MB" if phase.memory_peak_mb else ""),
            )
            for name, phase in record.phases.items()
        ),
    )
    yield "latency (log scale)", iter(_latency_lines(record))
    yield "isolation", iter([("level", _isolation(record)), *record.isolation.details.items()])
    marks = {True: "passed", False: "FAILED", None: "not run"}
    yield "audits", ((audit.name, f"{marks[audit.passed]}  {audit.detail}") for audit in record.audits)
    yield "gauges", ((name, _gauge(value)) for name, value in record.gauges.items() if value is not None)
    yield "machine", ((name, str(value)) for name, value in record.machine.items())
    yield "versions", iter(record.versions.items())


def _run_lines(record: Record) -> list[tuple[str, str]]:
    data, reference = record.data, record.reference
    submission = record.submission
    size = f"{submission.size_bytes / 1e6:,.2f} MB"
    return [
        ("record", record.id),
        ("task", f"{record.task} v{record.task_version}, {record.scenario.replace('_', ' ')}"),
        ("data", f"{data.name} {data.variant} {data.sha256[:12]}{', open data' if data.open else ''}"),
        ("profile", record.profile),
        ("submission", f"{submission.kind}, {size}, {submission.sha256[:12]}"),
        ("reference", reference.name if reference else "none"),
        ("processes", f"{record.processes}{' (quick)' if record.quick else ''}, seed {record.seed}"),
        ("started", f"{record.started}, took {record.seconds:,.1f} s"),
        *([("rescored from", record.rescored_from)] if record.rescored_from else []),
    ]


def _latency_lines(record: Record) -> list[tuple[str, str]]:
    latency = record.latency
    if latency is None:
        return []
    values = (
        ("mean", latency.log_mean),
        ("standard error", latency.standard_error),
        ("degrees of freedom", latency.degrees_of_freedom),
        ("margin", latency.margin),
    )
    return [(name, f"{value:,.4g}") for name, value in values if value is not None]


def _measure(measure: Measure) -> str:
    if measure.value is None:
        return "–"
    bounded = measure.low is not None and measure.high is not None
    bounds = f" [{measure.low:,.4g}, {measure.high:,.4g}]" if bounded else ""
    return f"{measure.value:,.4g}{bounds} {measure.unit} {'↑' if measure.goal == 'max' else '↓'}"


def _gauge(value: float | str | None) -> str:
    return f"{value:,.4g}" if isinstance(value, int | float) else str(value)


def _isolation(record: Record) -> str:
    safe = "" if record.isolation.safe else ", unsafe: this record does not rank"
    return f"{record.isolation.name} (level {record.isolation.level}){safe}"
