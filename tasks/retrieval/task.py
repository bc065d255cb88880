"""Classification by retrieval: classes are added while the model is asked, without training.

After TensorFlow Lite's "Classification by retrieval" (2021), ranked as generalised few-shot learning is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from datasets.glyphs import glyphs
from harness.interactions import AskAndTeach
from harness.spec import (
    Answer,
    BoardOptions,
    Execution,
    FromRun,
    FromSums,
    Goal,
    Limits,
    Metric,
    ProcessCounts,
    Quality,
    Query,
    Reporting,
    RunOutcome,
    Task,
)
from tasks.retrieval import figures, outcome, scoring, script

if TYPE_CHECKING:
    from harness.spec import Arrays


def examples(queries: Sequence[Query], answers: Sequence[Arrays]) -> Mapping[str, bytes]:
    """Return sheets of the pictures that were named wrongly."""
    from tasks.retrieval.examples import draw

    return draw(queries, answers)


def _harmonic(shots: int) -> Metric:
    text = f"Harmonic mean of the accuracies on old and new classes, {shots} examples of each new class."
    source = FromSums(partial(scoring.harmonic, shots))
    return Metric(
        f"harmonic_{shots}", "share", "max", f"H @ {shots}", source, text, bounds=(0, 1), margin=0.01
    )


def _share(part: str, shots: int, text: str) -> Metric:
    source = FromSums(partial(scoring.share, part, shots))
    return Metric(f"{part}_{shots}", "share", "max", f"{part} @ {shots}", source, text, bounds=(0, 1))


def _run(
    name: str, unit: str, goal: Goal, title: str, compute: Callable[[RunOutcome], float | None], text: str
) -> Metric:
    return Metric(name, unit, goal, title, FromRun(compute), text)


def _query_ms(known: int) -> Metric:
    text = f"Median time of a query of one picture where {known:,} classes are known."
    compute = partial(outcome.query_ms, known)
    return _run(f"query_ms_{known}", "ms", "min", f"query @ {known:,}", compute, text)


METRICS = (
    *(_harmonic(shots) for shots in (5, 1, 20)),
    _share("old", 5, "Accuracy on base classes while the five new classes of an episode compete."),
    _share("new", 5, "Accuracy on the new classes of an episode while all base classes compete."),
    *(
        _share("way", shots, f"Accuracy on the new classes of an episode alone, {shots} example(s).")
        for shots in script.SHOTS
    ),
    _run(
        "old_before", "share", "max", "old before", partial(outcome.old_accuracy, "before"),
        "Accuracy on base classes before anything was taught.",
    ),
    _run(
        "forgetting", "share", "min", "forgotten", outcome.forgetting,
        "How much accuracy on base classes fell, base classes alone competing.",
    ),
    _run(
        "add_ms", "ms", "min", "add a class", outcome.add_ms,
        "Median time to add one class to 10,000; on smaller data, a class of an episode.",
    ),
    _run(
        "query_ms_base", "ms", "min", "query @ base", outcome.base_ms,
        "Median time of a query of one picture where the base classes are known (100 characters).",
    ),
    *(_query_ms(known) for known in script.SIZES),
    _run(
        "class_kb", "kB", "min", "a class", outcome.class_kb,
        "Growth of memory a class, in the lesson that adds the most classes.",
    ),
    _run(
        "exact", "share", "max", "exact", outcome.exact,
        "Share of old pictures whose old scores stay the same bit by bit as classes are added to 10,000.",
    ),
)  # fmt: skip

task = Task(
    name="retrieval",
    version=1,
    title="Classification by retrieval",
    description=(
        "public/base.npz holds pictures uint8 (n, 28, 28) of the base classes and their labels from 0. A "
        "query is pictures (m, 28, 28); the answer is a score for each picture and each known class, floats "
        "(m, known), old classes first. model.update(x, y) teaches pictures (n, 28, 28) of the classes y "
        "(n,): new classes get the next numbers, known ones more examples."
    ),
    dataset=glyphs,
    queries=script.queries,
    answer=Answer(scoring.check, scoring.most_bytes, scoring.agree),
    quality=Quality(METRICS, scoring.tally),
    interaction=AskAndTeach(),
    execution=Execution(
        reference="pixels",
        limits=Limits(build_s=60, query_s=30, run_s=600, memory_mb=3072),
        processes=ProcessCounts(ranked=3, quick=1, rounds=1),
        profiles=("cpu",),
    ),
    reporting=Reporting(
        examples=examples,
        pictures=figures.pictures,
        memory_timeline=False,
        board=BoardOptions(columns=("way_1", "add_ms")),
    ),
)
