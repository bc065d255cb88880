"""The history of a board: its best value never falls, whichever records are valid."""

from __future__ import annotations

from pathlib import Path

from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.store import index, publishing
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
