"""The history of a board: its best value never falls, whichever records are valid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index, publishing
from leaderboards.web.charts.axis import Axis
from leaderboards.web.charts.dates import date_ticks
from leaderboards.web.charts.steps import Event, step_plot
from leaderboards.web.history import events, read_history
from leaderboards.web.source import Source


def test_the_first_valid_record_does_not_pull_the_best_value_down(
    home: Path, make_record, cots_spec: BoardSpec
) -> None:
    entered = (
        ("early", 0.6, "provisional"),
        ("better", 0.9, "provisional"),
        ("zero", 0.0, "valid"),
        ("top", 0.95, "valid"),
    )
    folders = [
        make_record(name, f2, state=state, minute=minute) for minute, (name, f2, state) in enumerate(entered)
    ]
    for folder in folders:
        publishing.publish(home, folder, cots_spec)
    engine = index.open_index(home)
    (listing,) = index.listings(engine)
    key: BoardKey = listing.key
    history = read_history(Source(home, engine), key, cots_spec)
    values = [advance.value for advance in history.advances]
    assert values == sorted(values) == [0.6, 0.9, 0.95]
    assert not history.provisional
    shown = {event.label: event.best for event in events(history, cots_spec)}
    assert shown == {
        "early: 0.600 (provisional)": True,
        "better: 0.900 (provisional)": True,
        "zero: 0.000": False,
        "top: 0.950": True,
    }


def test_records_stand_at_their_true_times(cots_spec: BoardSpec) -> None:
    hours = (0, 1, 2, 50, 200)
    start = datetime(2026, 3, 1, 7, 30, tzinfo=UTC).timestamp()
    plot = step_plot(
        [Event(start + 3600 * hour, hour / 200, str(hour), str(hour), True) for hour in hours],
        cots_spec.metric,
    )
    assert plot is not None
    first, last = plot.dots[0].x, plot.dots[-1].x
    shares = [(dot.x - first) / (last - first) for dot in plot.dots]
    assert shares == pytest.approx([hour / 200 for hour in hours], abs=2e-4)


START = datetime(2026, 2, 27, 21, 13, 9, tzinfo=UTC)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("span", "named"),
    [
        (
            timedelta(seconds=65),
            {
                "21:13:20": at(2026, 2, 27, 21, 13, 20),
                "21:13:40": at(2026, 2, 27, 21, 13, 40),
                "21:14:00": at(2026, 2, 27, 21, 14),
            },
        ),
        (
            timedelta(hours=5),
            {"22:00": at(2026, 2, 27, 22), "28 Feb": at(2026, 2, 28), "02:00": at(2026, 2, 28, 2)},
        ),
        (timedelta(days=3), {"28 Feb": at(2026, 2, 28), "1 Mar": at(2026, 3, 1), "2 Mar": at(2026, 3, 2)}),
        (
            timedelta(days=80),
            {"Mar 2026": at(2026, 3, 1), "Apr 2026": at(2026, 4, 1), "May 2026": at(2026, 5, 1)},
        ),
        (
            timedelta(days=1500),
            {"2027": at(2027, 1, 1), "2028": at(2028, 1, 1), "2029": at(2029, 1, 1), "2030": at(2030, 1, 1)},
        ),
        (
            timedelta(days=40_000),
            {"2050": at(2050, 1, 1), "2075": at(2075, 1, 1), "2100": at(2100, 1, 1), "2125": at(2125, 1, 1)},
        ),
    ],
)
def test_a_label_stands_at_the_moment_that_it_names(span: timedelta, named: dict[str, datetime]) -> None:
    axis = Axis(START.timestamp(), (START + span).timestamp())
    positions = {label: axis.at(moment.timestamp()) for label, moment in named.items()}
    assert {tick.label: tick.at for tick in date_ticks(axis)} == positions


@pytest.mark.parametrize(
    "minutes", [1.1, 3, 8, 20, 45, 100, 250, 600, 1500, 4000, 10_000, 30_000, 100_000, 10**6]
)
def test_an_axis_of_any_length_has_two_to_four_labels(minutes: float) -> None:
    axis = Axis(START.timestamp(), (START + timedelta(minutes=minutes)).timestamp())
    assert 2 <= len({tick.label for tick in date_ticks(axis)}) <= 4
