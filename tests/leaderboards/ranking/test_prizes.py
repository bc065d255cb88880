from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from harness.record.latency import ReferenceTime
from harness.spec import Goal
from harness.stats import Ratio, paired_log_ratio
from leaderboards.ranking import (
    Contender,
    LatencyRatio,
    Parity,
    Ranked,
    Winners,
    pareto_front,
    runtime_tiers,
    standing,
    winners,
)


def ratio(value: float, spread: float = 0.002) -> Ratio:
    """A ratio over eight processes that lie ``spread`` apart on either side."""
    centre = math.log(value)
    return paired_log_ratio([[centre - spread], [centre + spread]] * 4)


def entry(name: str, value: float | None = 0.9, latency: float | None = 1.0, **other: object) -> Contender:
    margin = other.pop("margin", None)
    fields = {
        "started": float(int.from_bytes(name[:4].ljust(4, "\0").encode(), "big")),
        "latency": latency and LatencyRatio(ratio(latency), margin),  # type: ignore[arg-type]
        "memory_mb": 100.0,
    }
    return Contender(id=name, value=value, **{**fields, **other})  # type: ignore[arg-type]


def in_order(tiers: Iterable[list[Contender]]) -> list[tuple[str, int]]:
    """Every contender of the tiers with its rank: one plus the number of contenders in better tiers."""
    order: list[tuple[str, int]] = []
    for tier in tiers:
        rank = len(order) + 1
        order += [(contender.id, rank) for contender in tier]
    return order


def on_board(*rows: tuple[Contender, int | None]) -> list[Ranked]:
    return [Ranked(contender, rank, rank) for contender, rank in rows]


def best(team: list[Contender], goal: Goal, gate: float | None = None) -> str:
    """The contender that counts of a team's."""
    return min(team, key=lambda contender: standing(contender, goal, gate)).id


def test_the_record_that_counts_for_a_team_is_the_best_then_the_earliest() -> None:
    red = [entry("1", 0.8), entry("3", 0.85), entry("5", None)]
    blue = [entry("2", 0.9, started=2.0), entry("4", 0.9, started=1.0)]
    assert (best(red, "max"), best(blue, "max")) == ("3", "4")
    assert (best(red, "min"), best(blue, "min")) == ("1", "4")
    assert best([entry("6", math.nan)], "max") == "6"
    # None of these ranks: the latest counts.
    assert best(red, "min", gate=0.7) == "5"
    assert best(blue, "min", gate=0.7) == "2"


def test_the_record_that_counts_for_a_team_is_one_that_may_win() -> None:
    quick = entry("1", 0.95, validity="provisional")
    broken = entry("2", 0.99, validity="invalid")
    full = entry("3", 0.9)
    assert best([quick, broken, full], "max") == "3"
    assert best([quick, broken], "max") == "1"


def test_a_record_measured_better_replaces_one_measured_worse() -> None:
    loose = entry("1", 0.9, started=1.0, latency=None)
    wide = dataclasses.replace(loose, id="2", started=2.0, latency=LatencyRatio(ratio(4.94, 0.02)))
    narrow = dataclasses.replace(wide, id="3", started=3.0, latency=LatencyRatio(ratio(2.8)))
    # As wide as the first one: the earlier stays, and none is chosen for being faster.
    again = dataclasses.replace(narrow, id="4", started=4.0, latency=LatencyRatio(ratio(1.4)))
    assert best([loose, wide], "max") == "2"
    assert best([loose, wide, narrow, again], "max") == "3"
    assert best([narrow, dataclasses.replace(wide, value=0.91)], "max") == "2"


def test_runtime_in_tiers_then_by_memory() -> None:
    once = LatencyRatio(paired_log_ratio([[0.0]]))
    timed_once = dataclasses.replace(entry("timed once"), latency=once)
    rows = [
        entry("slow", latency=2.0),
        entry("fast and fat", latency=0.5, memory_mb=300.0),
        entry("fast and lean", latency=0.503, memory_mb=100.0),
        entry("fast and as lean", latency=0.501, memory_mb=100.5),
        entry("fast, memory unknown", latency=0.502, memory_mb=None),
        entry("untimed", latency=None),
        timed_once,
    ]
    assert in_order(runtime_tiers(rows, margin=0.01)) == [
        ("fast and lean", 1),
        ("fast and as lean", 1),
        ("fast and fat", 3),
        ("fast, memory unknown", 4),
        ("slow", 5),
    ]


def test_a_faster_entry_must_be_faster_by_the_margin() -> None:
    rows = [entry("a", latency=1.0), entry("b", latency=1.03)]
    assert in_order(runtime_tiers(rows, margin=0.05)) == [("a", 1), ("b", 1)]
    assert in_order(runtime_tiers(rows, margin=0.01)) == [("a", 1), ("b", 2)]


def test_the_wider_of_two_calibrated_margins_decides() -> None:
    def measured(margin: float | None) -> list[Contender]:
        return [entry("a", latency=1.0, margin=0.01), entry("b", latency=1.05, margin=margin)]

    assert in_order(runtime_tiers(measured(0.01), margin=0.2)) == [("a", 1), ("b", 2)]
    assert in_order(runtime_tiers(measured(0.10), margin=0.01)) == [("a", 1), ("b", 1)]
    assert in_order(runtime_tiers(measured(None), margin=0.2)) == [("a", 1), ("b", 1)]


def test_what_moved_the_reference_between_two_runs_decides_no_prize() -> None:
    """Both took 4 ms; beside one of them the reference took 1.2 ms and not 1 ms."""

    def beside(contender: Contender, ms: float, machine: str = "here") -> Contender:
        assert contender.latency is not None
        latency = dataclasses.replace(contender.latency, reference=ReferenceTime(ms, machine))
        return dataclasses.replace(contender, latency=latency)

    lucky, other = entry("lucky", latency=4 / 1.2, memory_mb=300.0), entry("other", latency=4.0)
    slow = entry("slow", latency=4.5)
    assert in_order(runtime_tiers([lucky, other], margin=0.01)) == [("lucky", 1), ("other", 2)]
    rows = [beside(lucky, 1.2), beside(other, 1.0), beside(slow, 1.0)]
    assert in_order(runtime_tiers(rows, margin=0.01)) == [("other", 1), ("lucky", 2), ("slow", 3)]
    elsewhere = [beside(lucky, 1.2), beside(other, 1.0, "there")]
    assert in_order(runtime_tiers(elsewhere, margin=0.01)) == [("lucky", 1), ("other", 2)]


def test_prizes_go_to_the_first_and_to_those_shown_to_be_as_good() -> None:
    first, second = entry("a", latency=1.0), entry("b", latency=0.5)
    tied, slow = entry("c", latency=0.2), entry("d", latency=0.1)
    board = on_board((first, 1), (second, 2), (tied, 2), (slow, 4))
    assert winners(board, share=0.0, margin=0.01).performance == ("a",)
    assert winners(board, share=0.01, margin=0.01).performance == ("a",)
    # A shared rank is not enough: c is beyond the first half, and nobody has shown it to be as good.
    assert winners(board, share=0.5, margin=0.01).performance == ("b",)
    assert winners(board, share=1.0, margin=0.01).performance == ("d",)
    assert winners(board, share=0.5, margin=0.01).accuracy == ("a",)
    good = dataclasses.replace(board[2], parity=Parity(eligible=True, as_good=True))
    shown = [*board[:2], good, board[3]]
    assert winners(shown, share=0.0, margin=0.01) == Winners(("a", "c"), ("c",))
    assert in_order(runtime_tiers([first, second, tied], 0.01)) == [("c", 1), ("b", 2), ("a", 3)]


def test_a_tenth_of_thirty_is_three() -> None:
    rows = [entry(f"{i:02}", latency=1 / (i + 1)) for i in range(30)]
    board = on_board(*((one, i + 1) for i, one in enumerate(rows)))
    assert winners(board, share=0.1, margin=0.01).performance == ("02",)


def test_only_valid_entries_of_contestants_win() -> None:
    board = on_board(
        (entry("ref", latency=0.1, reference=True), 1),
        (entry("quick", latency=0.1, validity="provisional"), 1),
        (entry("a"), 2),
        (entry("gone", None), None),
    )
    won = winners(board, share=1.0, margin=0.01)
    assert (won.accuracy, won.performance) == (("a",), ("a",))
    assert winners(board[:2], share=1.0, margin=0.01).accuracy == ()
    assert winners([], share=1.0, margin=0.01).performance == ()


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
    assert pareto_front(rows, "max") == {"best", "fast", "lean", "same as fast"}
    assert pareto_front(rows, "max", gate=0.75) == {"best", "fast", "same as fast"}
    assert pareto_front(rows, "min") == {"fast", "lean", "same as fast"}


sides = st.sampled_from([1.0, 2.0, 3.0, 4.0])


@given(st.lists(st.tuples(sides, sides, sides), max_size=12))
def test_front_is_what_nobody_beats(points: list[tuple[float, float, float]]) -> None:
    rows = [entry(str(i), v, t, memory_mb=m) for i, (v, t, m) in enumerate(points)]

    def beats(a: tuple[float, float, float], b: tuple[float, float, float]) -> bool:
        return a != b and a[0] >= b[0] and a[1] <= b[1] and a[2] <= b[2]

    expected = {str(i) for i, p in enumerate(points) if not any(beats(other, p) for other in points)}
    assert pareto_front(rows, "max") == expected
