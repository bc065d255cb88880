"""One axis: values to per cent of its length, and round numbers to label it with."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

_MOST_TICKS = 6

Shown = Literal["", "wide", "always"]
"""On which screens there is room for a label: none, wide ones, all."""


@dataclass(frozen=True)
class Tick:
    """A labelled position on an axis, in per cent of its length."""

    at: float
    label: str


@dataclass(frozen=True)
class Axis:
    """An axis from ``low`` to ``high``; with ``down`` it is reversed, so that ``low`` is at 100 %."""

    low: float
    high: float
    log: bool = False
    down: bool = False

    @classmethod
    def around(
        cls,
        values: Iterable[float],
        *,
        log: bool = False,
        zero: bool = False,
        down: bool = False,
    ) -> Axis:
        """Make an axis with some room around ``values``, logarithmic only where all of them are positive.

        With ``zero`` it begins at zero.
        """
        numbers = list(values) or [0.0, 1.0]
        least, most = min(numbers), max(numbers)
        if log and least > 0:
            room = max((math.log(most) - math.log(least)) * 0.08, 0.08)
            return cls(least * math.exp(-room), most * math.exp(room), log=True, down=down)
        room = (most - least) * 0.08 or abs(most) * 0.1 or 1.0
        low, high = 0.0 if zero else least - room, most + room
        return cls(low, high if high > low else high + 1.0, down=down)

    def at(self, value: float) -> float:
        """Return the position of ``value`` in per cent; values outside are put at the end."""
        low, high, here = self.low, self.high, value
        if self.log:
            low, high, here = math.log(low), math.log(high), math.log(max(value, self.low))
        share = min(max((here - low) / (high - low), 0.0), 1.0)
        return round(100 * (1 - share if self.down else share), 2)

    def ticks(self, most: int = _MOST_TICKS) -> tuple[Tick, ...]:
        """Return at most about ``most`` round numbers on the axis."""
        values = _round_log(self.low, self.high, most) if self.log else []
        if len(values) < 2:
            values = _round(self.low, self.high, most)
        digits = _digits(values)
        return tuple(Tick(self.at(value), _label(value, digits)) for value in values)


def _round(low: float, high: float, most: int) -> list[float]:
    rough = (high - low) / most
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * factor for factor in (1, 2, 5, 10) if scale * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]


def _round_log(low: float, high: float, most: int) -> list[float]:
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 1.5, 2, 3, 4, 5, 7), (1, 2, 5), (1, 3), (1,)):
        values = [factor * 10.0**power for power in decades for factor in factors]
        values = [value for value in values if low <= value <= high]
        if len(values) <= most:
            return values
    return values[:: math.ceil(len(values) / most)]


def _digits(values: Sequence[float]) -> int:
    """Count the decimals that tell the closest of ``values`` apart."""
    gaps = [abs(b - a) for a, b in pairwise(values)]
    least = min([*gaps, *(abs(value) for value in values if value)], default=1.0)
    return min(max(-math.floor(math.log10(least) + 1e-9), 0), 6) if least > 0 else 0


def _label(value: float, digits: int) -> str:
    shown = f"{value:,.{digits}f}"
    if "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return "0" if shown in {"-0", ""} else shown.replace("-", "−")
