"""What a board says of entries that share a rank, and of data that are too few."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from leaderboards.boards.rows import Row
from leaderboards.boards.spec import PROCESSES, BoardSpec
from leaderboards.ranking import FEWEST

_TELLS_APART = FEWEST + 1


def parity_label(row: Row) -> str:
    """Say how a row compares with the leader of its tier: leads, as good, or open; empty without a rank."""
    parity = row.place.parity
    if parity is None:
        return ""
    if parity.leads or parity.as_good:
        return "leads" if parity.leads else "as good"
    return f"open ~{parity.needed:,}" if parity.needed else "open"


def parity_notes(rows: Iterable[Row], spec: BoardSpec) -> Iterator[str]:
    """Explain the labels that a board shows."""
    labels = {parity_label(row).partition(" ~")[0] for row in rows}
    metric, margin = spec.metric, spec.prize.score_margin
    if "as good" in labels and margin is not None:
        yield (
            "as good: shown to be worse than the leader of its tier by less than "
            f"{_margin(margin, spec)} in {metric.title}, or not at all."
        )
    if "open" in labels:
        yield (
            "open: not shown to be worse than the leader of its tier, and not shown to be as good; "
            f"more {spec.prize.clusters} would settle it, about so many as stand behind ~."
        )


def _margin(margin: float, spec: BoardSpec) -> str:
    return f"{margin:.0%}" if spec.prize.clusters == PROCESSES else f"{margin:g}"


def few_clusters_notes(clusters: int | None, spec: BoardSpec) -> tuple[str, ...]:
    """Say that the data are too few to tell entries apart, or to show that one is as good as another."""
    if not clusters or clusters >= _TELLS_APART:
        return ()
    names = spec.prize.clusters
    told = f"There are too few {names}: {clusters}. At least {_TELLS_APART} are needed to tell entries apart"
    if clusters < FEWEST:
        return (f"{told} and {FEWEST} to show that one is as good as the best: only the best may win.",)
    return (f"{told}.",)


def untested_notes(rows: Iterable[Row], spec: BoardSpec) -> tuple[str, ...]:
    """Say that ranks follow values alone, where no entry has an interval of the metric that ranks."""
    ranked = [row.cell(spec.metric.name) for row in rows if row.rank is not None]
    if len({cell.value for cell in ranked}) < 2 or any(cell.low is not None for cell in ranked):
        return ()
    return (
        f"No entry has an interval of {spec.metric.title}: ranks follow values alone, and small differences "
        "may be luck.",
    )
