"""Does coverage tell who trained on what? Honest training and cheats on generated data, seed after seed.

    .venv/harness/bin/python -m bench.recommender_coverage [SEEDS] [KIND ...]

The shipped ``fast`` is trained in this process on all rows, the first half, a random half, or a tenth; beside
it a constant, a model that remembers canaries alone, and one trained on the third of the rows that
hold an id seen once. Prints coverage with its interval, AUC, log-loss, and what the task makes of each.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from bench.recommender_models import Array, Model, canaries_alone, occurrences, outcome, trained
from harness.runtime import home
from harness.spec import DataRequest
from tasks.metrics.training import conclude, quality
from tasks.recommender import task

ROWS = 1 << 18


def part(keep: Callable[[Array], Array]) -> Callable[[Path], Model]:
    return lambda public: trained(public, lambda number, _: keep(number))


def constant(_: Path) -> Model:
    return lambda x: np.full(len(x["numerical"]), 0.3, np.float32)


def rare(public: Path) -> Model:
    counts = occurrences(public)
    return trained(public, lambda _, ids: (counts[ids[:, :37]] == 1).any(axis=1))


KINDS: Mapping[str, Callable[[Path], Model]] = {
    "all": part(lambda number: np.ones(len(number), bool)),
    "first half": part(lambda number: number < ROWS // 2),
    "random half": part(lambda number: np.random.default_rng(number[0]).random(len(number)) < 0.5),
    "a tenth": part(lambda number: number % 10 == 0),
    "a constant": constant,
    "canaries alone": canaries_alone,
    "rare rows alone": rare,
}


def main(seeds: str = "20", *kinds: str) -> None:
    sound = dict.fromkeys(kinds or KINDS, 0)
    for seed in range(int(seeds)):
        prepared = task.dataset.prepare(DataRequest("mini", home() / "data", seed=seed))
        queries = [query for query in task.queries(prepared) if not query.id.startswith("single")]
        for kind in sound:
            left = outcome(queries, KINDS[kind](prepared.public))
            found, reached = conclude(prepared, queries, [left]), quality(queries, left.answers)
            covered, low, high = (value or 0.0 for value in found.metrics["coverage"])
            sound[kind] += not found.faults
            print(
                f"seed {seed:2} {kind:16} coverage {covered:.3f} [{low:.3f}, {high:.3f}] "
                f"AUC {reached.auc:.4f} of {reached.best_auc:.4f} log-loss {reached.log_loss:.4f} of "
                f"{reached.best_log_loss:.4f}  {'; '.join(found.faults)[:60] or 'passes'}",
                flush=True,
            )
    for kind, passed in sound.items():
        print(f"{kind:16} passes in {passed} of {seeds} seeds")


if __name__ == "__main__":
    main(*sys.argv[1:])
