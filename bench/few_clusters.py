"""Prints what boards of few positive clusters may say, on boards of known truth.

    python bench/few_clusters.py [BOARDS]

A board has k clusters, of which p hold something to find. Each positive cluster holds about as many boxes
as another; an entry finds each with a chance that changes from cluster to cluster, and reports false boxes
everywhere. Scores, draws, tiers and prizes are computed by the code that boards use. Beside the entry there
are the empty model; a rival that is equal in truth but answers on its own; one that is worse by twice the
margin, because it loses boxes at random; and an equal one that finds others instead of a few in a thousand.

Columns: the empty model wins a prize / shares the entry's rank; the worse one is called as good without
leading / leads; the equal one is eligible, whoever leads; the rival is told apart; the interval of F2 / of
the difference to the rival holds the truth; an interval leads beyond what it can be.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from harness.stats import bootstrap, interval, paired_difference
from leaderboards.ranking import BootstrapDraws, Contender, Ranked, Scale, rank, winners
from tasks.metrics.detection import f2

Counts = dict[str, NDArray[np.float64]]
MARGIN = 0.01
SCALE = Scale(MARGIN, (0.0, 1.0))
MANY = 40_000
"""Clusters from which the truth of an entry is computed."""


@dataclass(frozen=True)
class Setting:
    """Clusters, positive clusters, mean boxes in each, and how unlike the clusters are (log-normal)."""

    clusters: int
    positive: int
    boxes: float
    unlike: float = 0.5


def boxes(rng: np.random.Generator, setting: Setting, boards: int) -> NDArray[np.int64]:
    """Boxes to find (boards, clusters); the first clusters are the positive ones."""
    drawn = 1 + rng.poisson(setting.boxes * rng.lognormal(-0.18, 0.6, (boards, setting.clusters)))
    drawn[:, setting.positive :] = 0
    return drawn


def answers(rng: np.random.Generator, true: NDArray[np.int64], setting: Setting, recall: float) -> Counts:
    """Answers of an entry with a mean chance of ``recall`` to find a box: counts (boards, clusters)."""
    odds = np.log(recall / (1 - recall)) + setting.unlike * rng.normal(size=true.shape)
    found = rng.binomial(true, 1 / (1 + np.exp(-odds)))
    false = rng.poisson(setting.boxes / 20 * rng.lognormal(0, setting.unlike, true.shape))
    return counts(found, false, true)


def counts(found: NDArray[np.int64], false: NDArray[np.int64], true: NDArray[np.int64]) -> Counts:
    return {"tp": found[..., None], "fp": false[..., None], "fn": (true - found)[..., None]}


def losing(rng: np.random.Generator, one: Counts, share: float) -> Counts:
    """The same answers, of which a share of the boxes found are lost."""
    found, true = one["tp"][..., 0], (one["tp"] + one["fn"])[..., 0]
    return counts(rng.binomial(found, 1 - share), one["fp"][..., 0], true)


def swapped(rng: np.random.Generator, one: Counts, share: float) -> Counts:
    """Equal in truth: as many boxes are lost as others are found instead, on average."""
    found, missed = one["tp"][..., 0], one["fn"][..., 0]
    rate = share * found.sum() / missed.sum()
    other = found - rng.binomial(found, share) + rng.binomial(missed, min(rate, 1.0))
    return counts(other, one["fp"][..., 0], found + missed)


def empty(one: Counts) -> Counts:
    true = (one["tp"] + one["fn"])[..., 0]
    return counts(0 * true, 0 * true, true)


def truth(one: Counts) -> float:
    """F2 of all clusters of all boards together."""
    return float(f2({name: np.asarray(rows).sum(axis=(0, 1)) for name, rows in one.items()}))


def contender(name: str, one: Mapping[str, NDArray[np.float64]], setting: Setting) -> Contender:
    """One entry of one board, from its counts (clusters, 1)."""
    names = [f"cluster {i}" for i in range(setting.clusters)]
    draws = bootstrap(one, names, lambda sums: {"f2": f2(sums)}, positive=names[: setting.positive])["f2"]
    value = float(f2({key: rows.sum(axis=0) for key, rows in one.items()}))
    units = int((one["tp"] + one["fn"]).sum())
    return Contender(name, 0.0, value, BootstrapDraws(draws, setting.positive, units))


@dataclass
class Tally:
    """What happened on the boards of one setting."""

    prize: int = 0
    shared: int = 0
    worse_eligible: int = 0
    worse_leads: int = 0
    equal_eligible: int = 0
    false_tier: int = 0
    covered: int = 0
    difference_covered: int = 0
    outside: int = 0

    def line(self, boards: int) -> str:
        numbers = (
            self.prize, self.shared, self.worse_eligible, self.worse_leads, self.equal_eligible,
            self.false_tier, self.covered, self.difference_covered, self.outside,
        )  # fmt: skip
        return "".join(f"{number / boards:10.1%}" for number in numbers)


def eligible(board: list[Ranked], name: str) -> bool:
    """Whether an entry that does not lead is called as good as the leader."""
    row = next(row for row in board if row.contender.id == name)
    return row is not board[0] and row.parity is not None and row.parity.eligible


def simulate(rng: np.random.Generator, setting: Setting, boards: int, swap: float) -> tuple[Tally, float]:
    """Rank boards and count; also returns by how much the worse entry is worse in truth."""
    true = boxes(rng, setting, boards)
    recall = 0.42
    entry = answers(rng, true, setting, recall)
    rival = answers(rng, true, setting, recall)
    many = answers(rng, boxes(rng, setting, MANY // setting.clusters), setting, recall)
    value = truth(many)
    # A tenth of the boxes lost says how much each costs.
    share = 0.1 * 2 * MARGIN / (value - truth(losing(rng, many, 0.1)))
    worse, equal, none = losing(rng, entry, share), swapped(rng, entry, swap), empty(entry)
    gap = value - truth(losing(rng, many, share))
    tally = Tally()
    for number in range(boards):
        answered = {"entry": entry, "rival": rival, "worse": worse, "equal": equal, "empty": none}
        rows = {
            name: contender(name, {key: part[number] for key, part in one.items()}, setting)
            for name, one in answered.items()
        }
        whole = rank([rows["entry"], rows["empty"]], "max", scale=SCALE)
        won = winners(whole, share=0.1, margin=0.03)
        tally.prize += "empty" in {*won.accuracy, *won.performance}
        tally.shared += whole[0].rank == whole[1].rank
        lossy = rank([rows["entry"], rows["worse"]], "max", scale=SCALE)
        tally.worse_eligible += eligible(lossy, "worse")
        tally.worse_leads += lossy[0].contender.id == "worse"
        twins = rank([rows["entry"], rows["equal"]], "max", scale=SCALE)
        tally.equal_eligible += all(row.parity is not None and row.parity.eligible for row in twins)
        tally.false_tier += rank([rows["entry"], rows["rival"]], "max", scale=SCALE)[-1].rank != 1
        a, b = rows["entry"], rows["rival"]
        assert a.draws and b.draws and a.value is not None and b.value is not None
        around = interval(a.draws.draws, a.value, setting.positive, bounds=SCALE.bounds)
        apart = paired_difference(
            a.draws.draws, b.draws.draws, a.value, b.value, setting.positive, bounds=SCALE.bounds
        )
        assert around and apart.low is not None and apart.high is not None
        tally.covered += around[0] <= value <= around[1]
        tally.difference_covered += apart.low <= 0 <= apart.high
        tally.outside += not (0 <= around[0] <= around[1] <= 1 and -1 <= apart.low <= apart.high <= 1)
    return tally, gap


def main() -> None:
    boards = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    heads = (
        "empty won", "shares", "worse", "it leads", "equal", "false tier", "interval", "difference", "outside"
    )  # fmt: skip
    print(f"{'':34}" + "".join(f"{head:>10}"[-10:] for head in heads))
    for setting, swap in (
        (Setting(7, 3, 15), 0.02),
        (Setting(7, 3, 200), 0.002),
        (Setting(20, 5, 15), 0.02),
        (Setting(20, 5, 200), 0.002),
        (Setting(20, 5, 200, unlike=1.0), 0.002),
        (Setting(60, 24, 40), 0.01),
    ):
        started = time.perf_counter()
        tally, gap = simulate(np.random.default_rng(2025), setting, boards, swap)
        title = (
            f"{setting.positive} of {setting.clusters}, {setting.boxes:g} boxes, spread {setting.unlike:g}"
        )
        seconds = time.perf_counter() - started
        print(f"{title:34}{tally.line(boards)}  worse by {gap:.3f} ({seconds:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
