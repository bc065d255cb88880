"""A comparison of two submissions that 'compare' kept, in words."""

from __future__ import annotations

from typing import Any

from harness.record.comparison import ComparisonRecord, read_comparison
from harness.spec import Places
from harness.spec.errors import UnreadableRecord
from leaderboards.boards.names import plain
from leaderboards.web.source import Missing, Source


def read_kept(source: Source, name: str) -> ComparisonRecord:
    """Read what 'compare' kept. Raises Missing where it is not here or cannot be read."""
    try:
        kept = read_comparison(Places.under(source.home).comparisons, name)
    except UnreadableRecord as error:
        raise Missing(f"comparison {name} cannot be shown: its file was changed or damaged") from error
    if kept is None:
        raise Missing(f"there is no comparison {name}")
    return kept


def in_words(kept: ComparisonRecord) -> dict[str, Any]:
    """Return the verdict, a sentence, and notes on what makes it doubtful."""
    speed, first, second = kept.speed, plain(kept.a.name, 32), plain(kept.b.name, 32)
    notes = []
    if speed.disturbed:
        notes.append(
            f"Other processes used the machine while {speed.disturbed} of {speed.processes} process pairs "
            "were timed; stop them, or wait, and compare again."
        )
    if speed.open:
        notes.append("The interval reaches beyond the margin, so that a difference is not ruled out.")
    if kept.quick:
        notes.append("This was a quick comparison; run it without --quick.")
    if speed.ratio is None:
        return {"verdict": "not measured", "words": "The ratio of times is not known.", "notes": notes}
    bounds = "" if speed.low is None or speed.high is None else f" [{speed.low:.4f}, {speed.high:.4f}]"
    words = f"{first} takes {speed.ratio:.4f}{bounds} times as long as {second}."
    verdict = "not measured" if speed.verdict == "unknown" else speed.verdict
    return {"verdict": verdict, "words": words, "notes": notes}
