"""The ladder as a picture: bars of rows a second, what each step bought, the article's claims beside ours."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

OURS, THEIRS = "#0b6e99", "#d9730d"


@dataclass(frozen=True)
class Claim:
    """A step's factor in the article (None: it says nothing of it) and here."""

    step: str
    article: float | None
    ours: float | None

    @property
    def cells(self) -> tuple[str, ...]:
        """The line of a table."""
        return (self.step, *("–" if x is None else f"{x:.2f}×" for x in (self.article, self.ours)))


def draw(rates: Mapping[str, float], claims: Sequence[Claim]) -> bytes:
    """PNG of both halves."""
    figure = Figure(figsize=(11, 8), layout="constrained")
    FigureCanvasAgg(figure)
    above, below = figure.subplots(2, 1, height_ratios=[max(len(rates), 1), max(len(claims), 1)])
    names = list(rates)
    first = next(iter(rates.values()), 1.0)
    above.barh(names, list(rates.values()), color=OURS)
    for place, rate in enumerate(rates.values()):
        above.text(rate, place, f"  {rate:,.0f}   {rate / first:.1f}×", va="center", fontsize=9)
    above.set(xlabel="training rows a second", title="The ladder: rows a second, and over the first")
    above.margins(x=0.16)
    places = range(len(claims))
    below.barh([p + 0.2 for p in places], [c.ours or 0 for c in claims], 0.4, color=OURS, label="here")
    below.barh(
        [p - 0.2 for p in places], [c.article or 0 for c in claims], 0.4, color=THEIRS, label="article"
    )
    for place, claim in enumerate(claims):
        for shift, factor in ((0.2, claim.ours), (-0.2, claim.article)):
            if factor:
                below.text(factor, place + shift, f"  {factor:.2f}×", va="center", fontsize=8)
    below.set_yticks(list(places), [claim.step for claim in claims])
    below.set(xlabel="factor", title="What the article says, and what it is here")
    below.margins(x=0.1)
    below.legend(frameon=False, loc="lower right")
    for axes in (above, below):
        axes.invert_yaxis()
        axes.spines[["top", "right"]].set_visible(False)
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=100)
    return stream.getvalue()
