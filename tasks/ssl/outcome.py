"""What the trainings of task ssl did: speeds, when the gate was reached, how far seeds differ.

Seconds are the harness's; steps, pictures and parameters are what the entry says of itself and rank nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean, median, stdev
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Checkpoint, Figures, ProcessOutcome, Query, RunOutcome
from tasks.ssl.blocks import CLASSES, Block, embedded
from tasks.ssl.scoring import judged, tally

if TYPE_CHECKING:
    from harness.spec import Arrays

GATES = {"digits": 90.0, "cifar10_subset": 30.0, "cifar10": 60.0}
"""Per cent of the gate's pictures that a checkpoint has to get right, by variant of the data."""
GATE_SHARE = 0.5
"""Of the gate's pictures these give the neighbours, the others are asked."""


def training_rate(run: RunOutcome) -> float | None:
    """Pictures that the entry says it saw a second of training, median over the processes."""
    return _median(run, _training_rate)


def trained_s(process: ProcessOutcome) -> float:
    """Return the seconds from import to the last answer, without those of answering."""
    return process.training_s(lambda _: "block")


def answer_rate(run: RunOutcome) -> float | None:
    """Pictures answered a second, median over the processes."""
    return _median(run, lambda process: fmean(_rates(run.queries, process)))


def parameters(run: RunOutcome) -> float | None:
    """How many numbers were trained, as the entry says."""
    return _median(run, lambda process: _self_reported(process, "parameters"))


def gate_s(run: RunOutcome) -> float | None:
    """Seconds of training until a checkpoint passed the gate; None where a process never passed it."""
    return _median(run, lambda process: _at_gate(run, process, process.reached_s))


def gate_steps(run: RunOutcome) -> float | None:
    """Steps that the entry reports at the first checkpoint that passed the gate."""
    return _median(run, lambda process: _at_gate(run, process, _steps))


def seed_sd(run: RunOutcome) -> float | None:
    """Standard deviation over the encoders of k-NN accuracy with ten labels a class, in points."""
    if len(run.processes) < 2:
        return None
    return stdev(_accuracy(run.queries, process) for process in run.processes)


def faults(run: RunOutcome, _: Figures) -> Sequence[str]:
    """Name a training that took longer than its budget on the harness's clock, wherever it took place."""
    from datasets.images import layout

    most = layout.budget(run.prepared.public).seconds
    longest = max(map(trained_s, run.processes))
    return (f"training took {longest:.0f} s; the budget is {most} s",) if longest > most else ()


def _median(run: RunOutcome, value: Callable[[ProcessOutcome], float | None]) -> float | None:
    """The median over the processes; None where one of them gives no value."""
    values = [value(process) for process in run.processes]
    known = [one for one in values if one is not None]
    return median(known) if len(known) == len(values) else None


def _rates(queries: Sequence[Query], process: ProcessOutcome) -> Sequence[float]:
    return [len(queries[index].truth.place) / seconds for index, seconds in process.asked]


def _self_reported(process: ProcessOutcome, name: str) -> float | None:
    """What the entry says of itself with its first answer."""
    first = next(iter(process.answers.values()))
    return float(first[name]) if name in first else None


def _training_rate(process: ProcessOutcome) -> float | None:
    images = _self_reported(process, "images")
    return images / trained_s(process) if images else None


def _steps(checkpoint: Checkpoint) -> float | None:
    (answer,) = list(checkpoint.answers.values())[:1]
    return float(answer["steps"]) if "steps" in answer else None


def _at_gate(
    run: RunOutcome, process: ProcessOutcome, value: Callable[[Checkpoint], float | None]
) -> float | None:
    """A value of the first checkpoint that passes the gate."""
    least = GATES[run.prepared.variant]
    for checkpoint in process.training.checkpoints:
        (index, answer), *_ = checkpoint.answers.items()
        if gate_accuracy(run.queries[index].truth, answer) >= least:
            return value(checkpoint)
    return None


def gate_accuracy(block: Block, answer: Arrays) -> float:
    """Per cent of one half of the gate's pictures whose neighbours in the other half tell their class."""
    from tasks.metrics import embedding

    rows = embedded(answer)
    half = int(GATE_SHARE * len(rows))
    given = embedding.nearest(rows[:half], block.labels[:half], rows[half:], CLASSES)
    return float(100 * np.mean(given == block.labels[half:]))


def _accuracy(asked: Sequence[Query], process: ProcessOutcome) -> float:
    order = sorted(process.answers)
    blocks = [asked[index].truth for index in order]
    labels = judged(blocks, [process.answers[index] for index in order], (10,), ("knn",))
    rows = [tally(one, block) for block, one in zip(blocks, labels, strict=True)]
    return float(100 * sum(row["knn_10"] for row in rows) / sum(row["tested"] for row in rows))
