"""Prints how often ranking tells entries apart, rightly and wrongly, on boards of known truth.

    python bench/ranking_power.py [BOARDS]

Every entry is right or wrong on each of 3,000 items. On 80 % of the items (drawn anew for each board)
all entries share one draw of difficulty, so that the better is right wherever the worse is; on the
rest each draws its own. A second reading of "80 % shared errors" is printed beside it: exactly 80 % of
the better entry's errors are the worse one's too, all others fall apart. It is harder to tell apart.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.stats import resample_weights
from leaderboards.ranking import BootstrapDraws, Contender, Ranked, rank

ITEMS = 3000
SHARED = 0.8
AT_ONCE = 50

Hits = NDArray[np.bool_]


def shared_difficulty(rng: np.random.Generator, accuracies: list[float], boards: int) -> Hits:
    """Hits (boards, entries, items): an item is hard for everyone, or for each on its own."""
    shape = (boards, len(accuracies), ITEMS)
    common = rng.random((boards, 1, ITEMS)) < SHARED
    difficulty = np.where(common, rng.random((boards, 1, ITEMS)), rng.random(shape))
    return difficulty < np.array(accuracies)[:, None]


def shared_errors(rng: np.random.Generator, accuracies: list[float], boards: int) -> Hits:
    """Hits (boards, 2, items): 80 % of the better entry's errors are the other's as well."""
    worse, better = 1 - min(accuracies), 1 - max(accuracies)
    both = SHARED * min(worse, better)
    draw = rng.random((boards, 1, ITEMS))
    first, second = 1 - accuracies[0], 1 - accuracies[1]
    wrong_first = draw < first
    wrong_second = (draw < both) | ((draw >= first) & (draw < first + second - both))
    return ~np.concatenate([wrong_first, wrong_second], axis=1)


def ranked_boards(hits: Hits, weights: NDArray[np.float32]) -> Iterator[list[Ranked]]:
    """Rank every board of hits (boards, entries, items) with the resamples (b, items)."""
    for some in np.array_split(hits, max(len(hits) // AT_ONCE, 1)):
        replicates = (some.astype(np.float32) @ weights.T) / ITEMS
        for board, draws in zip(some, replicates, strict=True):
            yield rank(
                [
                    Contender(str(i), float(i), float(row.mean()), BootstrapDraws(draws[i], ITEMS))
                    for i, row in enumerate(board)
                ],
                goal="max",
            )


def share_with_tiers(hits: Hits, weights: NDArray[np.float32]) -> float:
    """The share of boards on which somebody is told apart."""
    return float(np.mean([board[-1].rank != 1 for board in ranked_boards(hits, weights)]))


def item_weights() -> NDArray[np.float32]:
    """The resamples of a data set whose items are its clusters: (b, items)."""
    return resample_weights([f"item {i}" for i in range(ITEMS)])[0].astype(np.float32)


def main() -> None:
    boards = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    rng = np.random.default_rng(2024)
    weights = item_weights()
    cases = [
        ("2 equal entries: told apart (at most 7 %)", shared_difficulty, [0.9, 0.9]),
        ("0.90 and 0.91: told apart (at least 70 %)", shared_difficulty, [0.9, 0.91]),
        ("30 equal entries: a false tier (at most 7 %)", shared_difficulty, [0.9] * 30),
        ("2 equal entries, second reading (at most 7 %)", shared_errors, [0.9, 0.9]),
        ("0.90 and 0.91, second reading (at least 70 %)", shared_errors, [0.9, 0.91]),
    ]
    for title, simulate, accuracies in cases:
        start = time.perf_counter()
        told = 0.0
        for count in [len(part) for part in np.array_split(np.arange(boards), max(boards // AT_ONCE, 1))]:
            told += count * share_with_tiers(simulate(rng, accuracies, count), weights)
        seconds = time.perf_counter() - start
        print(f"{title:48} {told / boards:6.1%} of {boards} boards  ({seconds:.1f} s)")


if __name__ == "__main__":
    main()
