"""A chart of how the time of a query grows with its size."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Growth:
    """How the pages of a task's boards draw the time of its queries over their size.

    ``size`` names the statistic of ``Quality.tally`` that is a query's size, ``unit`` what it counts.
    ``floor`` names a metric in ns that is drawn as a level line below the entries: the least that one unit
    can take. ``marks`` are further level lines, each a label and its ns; ``note`` says what they are worth.
    """

    size: str
    unit: str
    floor: str = ""
    marks: tuple[tuple[str, float], ...] = ()
    note: str = ""
