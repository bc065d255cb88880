"""Does coverage tell who trained on what? Honest training and cheats on generated data, seed after seed.

    .venv/harness/bin/python -m bench.recommender_coverage [SEEDS] [KIND ...]

The shipped ``fast`` is trained in this process on all rows, the first half, a random half, or a tenth; beside
it a constant, a model that remembers canaries alone, and one trained on the third of the rows that
hold an id seen once. Rows go from the generator to the model without a file between. Prints coverage with its
interval, AUC, log-loss, and what the task makes of each.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from bench.recommender_models import (
    Array,
    Batches,
    Model,
    canaries_alone,
    compiled,
    fast,
    occurrences,
    outcome,
    trained,
)
from datasets.clicks import mini, store
from harness.scoring.run_metrics import run_measures
from harness.spec import Prepared, RunOutcome
from tasks.recommender.outcome import faults, quality
from tasks.recommender.task import task

ROWS = 1 << 18
Kind = Callable[[Path, Batches], Model]


def part(keep: Callable[[Array], Array]) -> Kind:
    return lambda public, rows: trained(public, lambda number, _: keep(number), rows)


def constant(_: Path, __: Batches) -> Model:
    return lambda x: np.full(len(x["numerical"]), 0.3, np.float32)


def rare(public: Path, rows: Batches) -> Model:
    counts = occurrences(public, rows)
    return trained(public, lambda _, ids: (counts[ids[:, :37]] == 1).any(axis=1), rows)


KINDS: Mapping[str, Kind] = {
    "compiled": compiled,
    "all": part(lambda number: np.ones(len(number), bool)),
    "first half": part(lambda number: number < ROWS // 2),
    "random half": part(lambda number: np.random.default_rng(number[0]).random(len(number)) < 0.5),
    "a tenth": part(lambda number: number % 10 == 0),
    "a constant": constant,
    "canaries alone": canaries_alone,
    "rare rows alone": rare,
}


def generated(seed: int, folder: Path) -> tuple[Prepared, Batches]:
    """What ``mini`` hides, in the folder, and its training rows in batches."""
    planted = mini.Planted(plan := mini.Plan(ROWS, seed=seed))
    public, private = folder / "public", folder / "private"
    for made in (public, private):
        made.mkdir()
    plan.schema.write(public)
    offsets, size = fast().Table(public).offsets, int(task.execution.params["batch"])  # type: ignore[arg-type]
    rows, labels = [], []
    for number, chunk in enumerate(mini.training(plan, planted)):
        labels.append(chunk.label[planted.canaries.probed(number, plan.probes)[2]])
        for start in range(0, len(chunk), size):
            one = chunk.take(slice(start, start + size))
            numbers = np.ascontiguousarray(one.numerical.T)
            rows.append((one.label.astype(np.float32), numbers, one.ids.T + offsets))
    store.write_hidden(private, *mini.hidden(planted), mini.probes(planted, np.concatenate(labels)))
    return Prepared("clicks", "mini", "", public, private), rows


def main(seeds: str = "20", *kinds: str) -> None:
    sound = dict.fromkeys(kinds or KINDS, 0)
    for seed in range(int(seeds)):
        with tempfile.TemporaryDirectory() as folder:
            prepared, rows = generated(seed, Path(folder))
            queries = [query for query in task.queries(prepared) if not query.id.startswith("single")]
            for kind in sound:
                left = outcome(queries, KINDS[kind](prepared.public, rows))
                run, reached = RunOutcome(prepared, queries, [left]), quality(queries, left.answers)
                figures = {name: (m.value, m.low, m.high) for name, m in run_measures(task, run).items()}
                covered, low, high = (value or 0.0 for value in figures["coverage"])
                found = faults(run, figures)
                sound[kind] += not found
                print(
                    f"seed {seed:2} {kind:15} coverage {covered:.3f} [{low:.3f}, {high:.3f}] "
                    f"AUC {reached.auc:.4f} of {reached.best_auc:.4f} log-loss {reached.log_loss:.4f} of "
                    f"{reached.best_log_loss:.4f}  {'; '.join(found)[:60] or 'passes'}",
                    flush=True,
                )
    for kind, passed in sound.items():
        print(f"{kind:16} passes in {passed} of {seeds} seeds")


if __name__ == "__main__":
    main(*sys.argv[1:])
