"""What an encoder learns from pictures without labels, weighed by a probe that the harness trains.

After TensorFlow Similarity's self-supervised release (2022): SimCLR, SimSiam, Barlow Twins, VICReg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from datasets.images import images
from harness.interactions import Training
from harness.spec import (
    Answer,
    Execution,
    FromAnswers,
    FromRun,
    FromSums,
    Limits,
    Metric,
    ProcessCounts,
    Quality,
    Query,
    Reporting,
    RunOutcome,
    Task,
)
from tasks.ssl import blocks, outcome, scoring

if TYPE_CHECKING:
    from harness.spec import Arrays

METHODS = {
    "probe": "of a linear probe (logistic regression on standardised embeddings)",
    "knn": "of the 20 nearest neighbours in cosine",
}


def _accuracy(method: str, count: int | None) -> Metric:
    named = scoring.named(count)
    return Metric(
        f"{method}_{named}",
        "%",
        "max",
        f"{'kNN' if method == 'knn' else method} @ {named}",
        FromSums(partial(scoring.accuracy, f"{method}_{named}")),
        f"accuracy {METHODS[method]} with {named} labels a class, on hidden pictures",
        digits=1,
        bounds=(0, 100),
        margin=1.0,
    )


def _rate(name: str, title: str, compute: Callable[[RunOutcome], float | None], description: str) -> Metric:
    return Metric(name, "1/s", "max", title, FromRun(compute), description)


def probe(asked: Sequence[Query]) -> Sequence[int]:
    """Return what a checkpoint is asked: the gate."""
    return [index for index, query in enumerate(asked) if query.truth.is_gate]


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return sheets of the test pictures that the probe with ten labels a class misreads."""
    from tasks.ssl.examples import by_probe, draw

    return draw(queries, answers, by_probe)


TRAINED = (
    _rate(
        "training_rate",
        "trained",
        outcome.training_rate,
        "pictures seen a second, as the entry says",
    ),
    _rate("answer_rate", "embedded", outcome.answer_rate, "pictures a second"),
)
PARAMETERS = Metric(
    "parameters", "", "min", "parameters", FromRun(outcome.parameters), "as the entry says", digits=0
)
EXECUTION = Execution(
    reference="raw_pixels",
    limits=Limits(
        build_s=14_400, query_s=120, run_s=18_000, memory_mb=6144, query_mb=32, answer_mb=32, submission_mb=64
    ),
    processes=ProcessCounts(ranked=3, quick=1, rounds=1),
    profiles=("cpu", "gpu"),
)

task = Task(
    name="ssl",
    version=1,
    title="Self-supervised pictures",
    description=(
        "Train an encoder in build(context) on public/pool.npz, pictures without labels, within the steps "
        "and seconds of public/about.json. model(images), uint8 (m, h, w, c), answers with one embedding a "
        "picture, an array (m, d). The harness trains a linear probe on 1, 10, 50 and all labels a class."
    ),
    dataset=images,
    queries=blocks.queries,
    answer=Answer(blocks.check),
    quality=Quality(
        metrics=(
            *(_accuracy(method, count) for method in METHODS for count in scoring.LABELS),
            Metric(
                "effective_rank",
                "",
                "max",
                "rank",
                FromAnswers(scoring.effective_rank),
                "dimensions that the embedding fills (Roy and Vetterli 2007)",
                digits=1,
            ),
            Metric(
                "uniformity",
                "",
                "min",
                "uniformity",
                FromAnswers(scoring.uniformity),
                "Wang and Isola (2020); 0: collapsed",
            ),
            Metric(
                "alignment",
                "",
                "min",
                "alignment",
                FromAnswers(scoring.alignment),
                "of pictures moved by a pixel; 0: alike",
            ),
            Metric(
                "seed_sd",
                "%",
                "min",
                "seeds",
                FromRun(outcome.seed_sd),
                "deviation of k-NN @ 10 over encoders",
                digits=1,
            ),
            *TRAINED,
            Metric(
                "gate_s",
                "s",
                "min",
                "to the gate",
                FromRun(outcome.gate_s),
                "training until a checkpoint passes",
            ),
            Metric(
                "gate_steps",
                "",
                "min",
                "steps",
                FromRun(outcome.gate_steps),
                "at that checkpoint, as the entry says",
                digits=0,
            ),
            PARAMETERS,
            Metric(
                "width", "", "min", "width", FromAnswers(scoring.width), "numbers of an embedding", digits=0
            ),
        ),
        tally=scoring.tally,
        across=scoring.across,
        warnings=scoring.warnings,
        faults=outcome.faults,
        ranked="probe_10",
    ),
    interaction=Training(probe=probe, shared=False),
    execution=EXECUTION,
    reporting=Reporting(examples=examples, figures=scoring.figures, memory_timeline=False),
)
