"""Cheats that no sandbox sees: many copies of an entry, and a name that looks like another one."""

from __future__ import annotations

import numpy as np
import pytest

from commands.lookup import refuse_shipped_team
from harness.spec.errors import UserError
from leaderboards.boards.names import skeleton
from leaderboards.ranking import Contender, rank
from tests.leaderboards.ranking.test_tiers import around, entry


@pytest.mark.parametrize("noise", [0.0, 0.002, 0.01])
def test_copies_of_an_entry_do_not_raise_the_bar_for_the_rival_ahead(noise: float) -> None:
    """Of 200 copies, each changed a little, as many are counted as one: the rival ahead leads alone."""
    ahead, own = entry("rival", around(0.926, 1)), around(0.9, 2)
    alone = rank([ahead, entry("mine", own)], "max")
    p_value = alone[1].p_value
    assert p_value is None or p_value < 0.05
    assert [one.rank for one in alone] == [1, 2]
    board = rank([ahead, *copies(own, noise)], "max")
    assert [one.rank for one in board[:2]] == [1, 2]


def copies(own: np.ndarray, noise: float) -> list[Contender]:
    rng = np.random.default_rng(0)
    changed = (own + noise * rng.normal(size=own.shape) for _ in range(200))
    return [entry(f"copy{number:03}", scores - scores.mean() + 0.9) for number, scores in enumerate(changed)]


def test_many_different_entries_still_raise_the_bar() -> None:
    ahead = entry("rival", around(0.926, 1))
    others = [entry(f"other{number:03}", around(0.9, 2 + number)) for number in range(200)]
    assert [one.rank for one in rank([ahead, *others], "max")[:2]] == [1, 1]


@pytest.mark.parametrize(
    "name",
    ["photofinish", "ph\u043et\u043efinish", "\uff30hotofinish", "\u03a1HOTOFI\u039dISH", "Photo Finish",
     "ph0tof1n|5h", "photo\u200bfinish", "phot\u00f8finis\u0127", "photof\u00efnish", "PHOTOFINlSH",
     "\u13e2\u13bb\u13beT\u13beF\u13c6N\u13c6S\u13bb",
     "\ua4d1\ua4e7\ua4f3\ua4d4\ua4f3\ua4dd\ua4f2\ua4e0\ua4f2\ua4e2\ua4e7",
     "\u2ca3hotofinish", "photofinish\u3164", "the photofinish", "photo-finish!"],
)  # fmt: skip
def test_no_team_looks_like_the_one_of_the_shipped_entries(name: str) -> None:
    with pytest.raises(UserError, match="choose another name"):
        refuse_shipped_team(name)


def test_names_that_look_alike_are_one_team() -> None:
    assert skeleton("Re\u0435f") == skeleton("reef") == skeleton("\uff32EEF")
    assert skeleton("reef\u3164") == skeleton("re\u2800ef") == skeleton("reef")
    assert skeleton("reef 1") != skeleton("reef 2") and skeleton("M\u00fcller") != skeleton("Muller")
    refuse_shipped_team("photographers")
