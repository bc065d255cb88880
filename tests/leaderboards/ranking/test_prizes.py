from __future__ import annotations

import dataclasses
import math

from hypothesis import given
from hypothesis import strategies as st

from harness.stats import Ratio, paired_log_ratio
from leaderboards.ranking import Contender, Ranked, best_per_team, pareto, prizes, runtime_ranking


def ratio(value: float, spread: float = 0.002) -> Ratio:
    """A ratio over eight processes that lie ``spread`` apart on either side."""
    centre = math.log(value)
    return paired_log_ratio([[centre - spread], [centre + spread]] * 4)


def entry(name: str, value: float | None = 0.9, latency: float | None = 1.0, **other: object) -> Contender:
    fields = {"team": name, "started": name, "latency": latency and ratio(latency), "memory_mb": 100.0}
    return Contender(id=name, value=value, **{**fields, **other})  # type: ignore[arg-type]


def placed(board: list[Ranked]) -> list[tuple[str, int | None]]:
    return [(one.contender.id, one.rank) for one in board]


def on_board(*rows: tuple[Contender, int | None]) -> list[Ranked]:
    return [Ranked(contender, place, place) for contender, place in rows]


def test_best_per_team_by_value_then_time() -> None:
    rows = [
        entry("1", 0.8, team="red"),
        entry("2", 0.9, team="blue", started="b"),
        entry("3", 0.85, team="red"),
        entry("4", 0.9, team="blue", started="a"),
        entry("5", None, team="red"),
        entry("6", math.nan, team="green"),
    ]
    assert [one.id for one in best_per_team(rows, "max")] == ["3", "4", "6"]
    assert [one.id for one in best_per_team(rows, "min")] == ["1", "4", "6"]
    assert [one.id for one in best_per_team(rows, "min", gate=0.7)] == ["1", "4", "6"]


def test_best_per_team_prefers_what_may_win() -> None:
    quick = entry("1", 0.95, team="red", validity="provisional")
    broken = entry("2", 0.99, team="red", validity="invalid")
    full = entry("3", 0.9, team="red")
    assert best_per_team([quick, broken, full], "max") == [full]
    assert best_per_team([quick, broken], "max") == [quick]


def test_the_house_and_those_without_a_team_stand_for_themselves() -> None:
    rows = [
        entry("1", team=""),
        entry("2", team=""),
        entry("3", team="x"),
        entry("4", team="x", mark="baseline"),
    ]
    assert best_per_team(rows, "max") == rows


def test_runtime_in_tiers_then_by_memory() -> None:
    timed_once = dataclasses.replace(entry("timed once", started="z"), latency=paired_log_ratio([[0.0]]))
    rows = [
        entry("slow", latency=2.0),
        entry("fast and fat", latency=0.5, memory_mb=300.0),
        entry("fast and lean", latency=0.503, memory_mb=100.0),
        entry("fast and as lean", latency=0.501, memory_mb=100.5),
        entry("fast, memory unknown", latency=0.502, memory_mb=None),
        entry("untimed", latency=None),
        timed_once,
    ]
    assert placed(runtime_ranking(rows, margin=0.01)) == [
        ("fast and lean", 1),
        ("fast and as lean", 1),
        ("fast and fat", 3),
        ("fast, memory unknown", 4),
        ("slow", 5),
        ("untimed", None),
        ("timed once", None),
    ]


def test_a_faster_entry_must_be_faster_by_the_margin() -> None:
    rows = [entry("a", latency=1.0), entry("b", latency=1.03)]
    assert placed(runtime_ranking(rows, margin=0.05)) == [("a", 1), ("b", 1)]
    assert placed(runtime_ranking(rows, margin=0.01)) == [("a", 1), ("b", 2)]


def test_the_wider_of_two_calibrated_margins_decides() -> None:
    def measured(margin: float | None) -> list[Contender]:
        return [entry("a", latency=1.0, margin=0.01), entry("b", latency=1.05, margin=margin)]

    assert placed(runtime_ranking(measured(0.01), margin=0.2)) == [("a", 1), ("b", 2)]
    assert placed(runtime_ranking(measured(0.10), margin=0.01)) == [("a", 1), ("b", 1)]
    assert placed(runtime_ranking(measured(None), margin=0.2)) == [("a", 1), ("b", 1)]


def test_prizes_take_whole_tiers() -> None:
    first, second = entry("a", latency=1.0), entry("b", latency=0.5)
    tied, slow = entry("c", latency=0.2), entry("d", latency=0.1)
    board = on_board((first, 1), (second, 2), (tied, 2), (slow, 4))
    assert prizes(board, share=0.01, margin=0.01).performance == ("a",)
    assert prizes(board, share=0.5, margin=0.01).performance == ("c",)
    assert prizes(board, share=1.0, margin=0.01).performance == ("d",)
    assert prizes(board, share=0.5, margin=0.01).accuracy == ("a",)
    assert placed(runtime_ranking([first, second, tied], 0.01)) == [("c", 1), ("b", 2), ("a", 3)]


def test_a_tenth_of_thirty_is_three() -> None:
    rows = [entry(f"{i:02}", latency=1 / (i + 1)) for i in range(30)]
    board = on_board(*((one, i + 1) for i, one in enumerate(rows)))
    assert prizes(board, share=0.1, margin=0.01).performance == ("02",)


def test_only_valid_entries_of_contestants_win() -> None:
    board = on_board(
        (entry("ref", latency=0.1, mark="reference"), 1),
        (entry("quick", latency=0.1, validity="provisional"), 1),
        (entry("a"), 2),
        (entry("gone", None), None),
    )
    won = prizes(board, share=1.0, margin=0.01)
    assert (won.accuracy, won.performance) == (("a",), ("a",))
    assert prizes(board[:2], share=1.0, margin=0.01).accuracy == ()
    assert prizes([], share=1.0, margin=0.01).performance == ()


def test_front_by_hand() -> None:
    rows = [
        entry("best", 0.9, 2.0, memory_mb=200.0),
        entry("fast", 0.8, 1.0, memory_mb=200.0),
        entry("lean", 0.7, 3.0, memory_mb=50.0),
        entry("beaten", 0.8, 2.0, memory_mb=200.0),
        entry("same as fast", 0.8, 1.0, memory_mb=200.0),
        entry("no memory", 1.0, 0.1, memory_mb=None),
        entry("no latency", 1.0, None),
        entry("no value", None, 0.1),
        entry("not a number", math.nan, 0.1),
        entry("invalid", 1.0, 0.1, validity="invalid"),
    ]
    assert pareto(rows, "max") == {"best", "fast", "lean", "same as fast"}
    assert pareto(rows, "max", gate=0.75) == {"best", "fast", "same as fast"}
    assert pareto(rows, "min") == {"fast", "lean", "same as fast"}


sides = st.sampled_from([1.0, 2.0, 3.0, 4.0])


@given(st.lists(st.tuples(sides, sides, sides), max_size=12))
def test_front_is_what_nobody_beats(points: list[tuple[float, float, float]]) -> None:
    rows = [entry(str(i), v, t, memory_mb=m) for i, (v, t, m) in enumerate(points)]

    def beats(a: tuple[float, float, float], b: tuple[float, float, float]) -> bool:
        return a != b and a[0] >= b[0] and a[1] <= b[1] and a[2] <= b[2]

    expected = {str(i) for i, p in enumerate(points) if not any(beats(other, p) for other in points)}
    assert pareto(rows, "max") == expected
