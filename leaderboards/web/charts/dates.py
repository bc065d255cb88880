"""Labels of an axis of time, each at the moment that it names: full minutes, hours, days, months or years."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from leaderboards.web.charts.axis import Axis, Tick

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STEPS_S = (
    *(10, 20, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE),
    *(_HOUR, 2 * _HOUR, 3 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 4 * _DAY, 7 * _DAY, 14 * _DAY),
)
_STEPS_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120, 300, 1200)
_MONDAY = 4 * _DAY
"""The first Monday after 1970 began; weeks are counted from it."""


def date_ticks(axis: Axis, most: int = 4) -> tuple[Tick, ...]:
    """Label at most ``most`` round moments of an axis in seconds since 1970, in UTC."""
    for step in _STEPS_S:
        first, last = math.ceil((axis.low - _MONDAY) / step), math.floor((axis.high - _MONDAY) / step)
        if last - first < most:
            moments = [datetime.fromtimestamp(_MONDAY + n * step, UTC) for n in range(first, last + 1)]
            form = "%-d %b" if step >= _DAY else "%H:%M:%S" if step < _MINUTE else "%H:%M"
            return _ticks(axis, moments, form)
    for months in _STEPS_MONTHS:
        moments = list(_every_months(axis, months))
        if len(moments) <= most:
            break
    return _ticks(axis, moments, "%b %Y" if months < 12 else "%Y")


def _every_months(axis: Axis, months: int) -> Iterator[datetime]:
    """Yield the first day of every month on the axis whose number since year 0 is a multiple."""
    start = datetime.fromtimestamp(axis.low, UTC)
    month = -(-(start.year * 12 + start.month - 1) // months) * months
    while (moment := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)).timestamp() <= axis.high:
        if moment.timestamp() >= axis.low:
            yield moment
        month += months


def _ticks(axis: Axis, moments: list[datetime], form: str) -> tuple[Tick, ...]:
    """Label the moments in one form, but midnight among times of day by its date."""

    def label(moment: datetime) -> str:
        midnight = form.startswith("%H") and moment.timestamp() % _DAY == 0
        return moment.strftime("%-d %b" if midnight else form)

    return tuple(Tick(axis.at(moment.timestamp()), label(moment)) for moment in moments)
