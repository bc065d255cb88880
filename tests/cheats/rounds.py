"""What cheats are asked: small tasks whose score tells honest work from anything else.

``numbers`` holds two kinds of query. Half ask for a label that nothing in the query tells, so only
who sees the labels knows it; half ask for the place of the largest number, after HONEST_S of work.
``lessons`` asks for that place moved by a secret number, before and after the lesson that tells it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from time import thread_time
from typing import TYPE_CHECKING, Any

import numpy as np

from harness.interactions import AskAndTeach, Independent, Training
from harness.spec import (
    Answer,
    Dataset,
    Execution,
    FromAnswers,
    FromSums,
    Limits,
    Metric,
    Prepared,
    ProcessCounts,
    Quality,
    Query,
    Task,
)
from harness.spec.errors import InvalidSubmission
from tasks.metrics import detection

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

HONEST_S = 0.005
WORK = 20
EPISODES = 8
LIMITS = Limits(
    build_s=3, query_s=0.8, run_s=10, memory_mb=200, processes=16, answer_mb=1, query_mb=1, disk_mb=16
)


def check_number(answer: Arrays, query: Query) -> Array:
    if isinstance(answer, Mapping) or answer.shape != () or answer.dtype.kind not in "iuf":
        raise InvalidSubmission(f"{query.id}: the answer must be one number")
    if not np.isfinite(answer):
        raise InvalidSubmission(f"{query.id}: the answer is not finite")
    return answer


def tally_number(answer: Arrays, truth: Any) -> Mapping[str, Array | float]:
    return {"right": float(np.asarray(answer) == truth), "asked": 1.0}


def share_right(sums: Mapping[str, Array]) -> Array:
    return sums["right"] / sums["asked"]


def check_chance(answer: Arrays, query: Query) -> Array:
    """A probability away from 0 and 1, where a logarithm would be a lever."""
    return np.clip(check_number(answer, query), 1e-6, 1 - 1e-6)


def tally_chance(answer: Arrays, truth: Any) -> Mapping[str, Array | float]:
    probability = np.asarray(answer)
    return {"loss": float(-np.log(probability if truth else 1 - probability)), "asked": 1.0}


def likelihood(sums: Mapping[str, Array]) -> Array:
    return np.exp(-sums["loss"] / sums["asked"])


def number_queries(labels: Sequence[int], seed: int = 0) -> list[Query]:
    rng = np.random.default_rng(seed)
    made = []
    for number in range(2 * len(labels)):
        numbers = rng.permutation(64)[:8]
        index, truth = (number // 2, labels[number // 2]) if number % 2 else (-1, int(numbers.argmax()))
        x = {"index": np.int64(index), "numbers": numbers}
        made.append(Query(f"q{number}", f"c{number // 4}", "public", partial(dict, x), truth))
    return made


def work_queries(labels: Sequence[int]) -> list[Query]:
    """Work alone: three times as many queries, none of which asks for a label."""
    made = [query for seed in range(3) for query in number_queries(labels, seed) if query.load()["index"] < 0]
    return [replace(query, id=f"q{place}", cluster=f"c{place // 4}") for place, query in enumerate(made)]


def guarded_queries(labels: Sequence[int]) -> list[Query]:
    """Work alone, half of it private, which anybody can see by the number of the unit."""
    return [
        replace(query, split="private", load=partial(dict, {**query.load(), "private": np.int64(1)}))
        if number % 2
        else replace(query, load=partial(dict, {**query.load(), "private": np.int64(0)}))
        for number, query in enumerate(work_queries(labels))
    ]


def training_queries(labels: Sequence[int]) -> list[Query]:
    """What only a trained model knows, moved by the number of the unit."""
    known, _ = trained()
    return [
        Query(f"q{number}", f"c{number}", "public", partial(np.copy, np.int64(number)), known + number)
        for number in range(24)
    ]


@cache
def trained() -> tuple[int, float]:
    """Return what the work of a training ends with, and the CPU seconds that it takes."""
    started, digest = thread_time(), b""
    for _ in range(WORK):
        digest = hashlib.sha256(digest + bytes(20_000_000)).digest()
    return int.from_bytes(digest[:4]), thread_time() - started


def lesson_queries(labels: Sequence[int]) -> list[Query]:
    """Episodes of two questions, a lesson that takes HONEST work to learn from, and two questions."""
    rng, made = np.random.default_rng(0), []
    for episode, label in enumerate(labels[:EPISODES]):
        for part in ("before-0", "before-1", "lesson", "after-0", "after-1"):
            numbers = rng.permutation(64)[:8]
            place = (int(numbers.argmax()) + label) % 8
            teach = partial(np.int64, place) if part == "lesson" else None
            load, truth = partial(dict, {"numbers": numbers}), None if teach else place
            made.append(Query(f"{episode}-{part}", f"episode-{episode}", "public", load, truth, teach))
    return made


def box_queries(labels: Sequence[int]) -> list[Query]:
    frame = np.zeros((8, 8, 3), np.uint8)
    truths = [np.array([[label, 2.0 * label, 9, 9], [300, 200, 20, 10]], float) for label in labels]
    return [
        Query(f"q{number}", "c", "public", partial(dict, {"frame": frame, "index": np.int64(number)}), truth)
        for number, truth in enumerate(truths)
    ]


def chance_queries(labels: Sequence[int]) -> list[Query]:
    """Half of the units are private: their truth must not show in anything published."""
    return [
        Query(
            f"q{number}",
            "c",
            "private" if number % 2 else "public",
            partial(np.copy, np.int64(number)),
            label % 2,
        )
        for number, label in enumerate(labels)
    ]


def _task(
    name: str, queries: Callable[..., list[Query]], labels: Sequence[int], answer: Answer, quality: Quality
) -> Task:
    return Task(
        name=name,
        version=1,
        title=name,
        description="",
        dataset=Dataset("labels", "random", {"mini": ""}, lambda request: NOTHING),
        queries=lambda prepared: queries(labels),
        answer=answer,
        quality=quality,
        interaction={"lessons": AskAndTeach(), "training": Training(probe=lambda asked: [0])}.get(
            name, Independent()
        ),
        execution=Execution(reference="honest", limits=LIMITS, processes=ProcessCounts(1, 1)),
    )


def _score(compute: Callable[[Mapping[str, Array]], Array]) -> Metric:
    return Metric("score", "", "max", "score", FromSums(compute))


NOTHING = Prepared("labels", "mini", "0" * 64, Path(), Path())


def rounds(labels: Sequence[int]) -> Mapping[str, Task]:
    """Every round by name, over these labels."""
    numbers = Answer(check_number), Quality((_score(share_right),), tally_number)
    chances = Answer(check_chance), Quality((_score(likelihood),), tally_chance)
    average_precision = Metric("ap", "", "max", "AP", FromAnswers(detection.ap))
    boxes = detection.ANSWER, Quality((_score(detection.f2), average_precision), detection.tally)
    return {
        "duel": _task("duel", work_queries, labels, *numbers),
        "lessons": _task("lessons", lesson_queries, labels, *numbers),
        "verdict": _task("verdict", guarded_queries, labels, *numbers),
        "training": _task("training", training_queries, labels, *numbers),
        "numbers": _task("numbers", number_queries, labels, *numbers),
        "chances": _task("chances", chance_queries, labels, *chances),
        "boxes": _task("boxes", box_queries, labels, *boxes),
    }


FAIR = {"duel": 1.0, "verdict": 1.0, "lessons": 0.5, "numbers": 0.5, "chances": 0.5, "boxes": 0.0}
"""The score of who works honestly, and cannot know what is hidden."""
