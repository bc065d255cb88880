"""What an encoder learns from pictures without labels, weighed by a probe that the harness trains.

After TensorFlow Similarity's self-supervised release (2022): SimCLR, SimSiam, Barlow Twins, VICReg.
"""

from __future__ import annotations

from datasets.images import images
from harness.spec import Limits, Metric, ProcessCounts, Task, Training
from tasks.ssl import blocks, scoring


def _accuracies() -> tuple[Metric, ...]:
    how = {
        "probe": "of a linear probe (logistic regression on standardised embeddings)",
        "knn": "of the 20 nearest neighbours in cosine",
    }
    each = [
        ("probe", 10),
        *((way, count) for way in how for count in scoring.LABELS if (way, count) != ("probe", 10)),
    ]
    return tuple(
        Metric(
            f"{way}_{scoring.named(count)}",
            "%",
            "max",
            f"{'kNN' if way == 'knn' else way} @ {scoring.named(count)}",
            f"accuracy {how[way]} with {scoring.named(count)} labels a class, on hidden pictures",
            digits=1,
        )
        for way, count in each
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
    check=blocks.check,
    tally=scoring.tally,
    aggregate=scoring.aggregate,
    together=scoring.together,
    overall=scoring.overall,
    warnings=scoring.warnings,
    pictures=scoring.pictures,
    metrics=(
        *_accuracies(),
        Metric("effective_rank", "", "max", "rank", "Roy and Vetterli (2007)", interval=False, digits=1),
        Metric("uniformity", "", "min", "uniformity", "Wang and Isola (2020); 0: collapsed", interval=False),
        Metric("alignment", "", "min", "alignment", "of pictures moved by a pixel; 0: alike", interval=False),
        Metric(
            "seed_sd", "%", "min", "seeds", "deviation of k-NN @ 10 over encoders", interval=False, digits=1
        ),
        Metric("training_rate", "1/s", "max", "trained", "pictures told a second of build", interval=False),
        Metric("answer_rate", "1/s", "max", "embedded", "pictures a second", interval=False),
        Metric("gate_s", "s", "min", "to the gate", "training until a checkpoint passes", interval=False),
        Metric("gate_steps", "", "min", "steps", "told at that checkpoint", interval=False, digits=0),
        Metric("parameters", "", "min", "parameters", "told by the entry", interval=False, digits=0),
        Metric("width", "", "min", "width", "numbers an embedding has", interval=False, digits=0),
    ),
    training=Training(probe=scoring.probe, conclude=scoring.conclude),
    reference="raw_pixels",
    share=False,
    limits=Limits(
        build_s=14_400, query_s=120, run_s=18_000, memory_mb=6144, query_mb=32, answer_mb=32, submission_mb=64
    ),
    replicates=ProcessCounts(ranked=3, quick=1, rounds=1),
    profiles=("cpu", "gpu"),
    memory_timeline=False,
)
