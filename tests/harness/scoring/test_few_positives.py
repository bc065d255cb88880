"""Scores where few clusters hold anything to find: the empty model, intervals, and what draws say."""

from __future__ import annotations

import numpy as np

from harness.scoring.scores import Scores, score
from harness.spec import Query
from leaderboards.boards.spec import BoardSpec
from leaderboards.ranking import BootstrapDraws, Contender, rank, winners
from tasks.cots.task import task

BOX = np.array([[10.0, 10.0, 40.0, 40.0]])
NONE = np.zeros((0, 4))


def asked(positive: int, clusters: int) -> list[Query]:
    """Three frames a cluster; the first clusters hold a starfish in each frame."""
    return [
        Query(
            f"{cluster}-{frame}", f"s{cluster}", "public", lambda: NONE, BOX if cluster < positive else NONE
        )
        for cluster in range(clusters)
        for frame in range(3)
    ]


def answered(queries: list[Query], found: int) -> Scores:
    """The scores of a model that finds the starfish of the first ``found`` clusters alone."""
    hit = np.array([[0.9, *BOX[0]]])
    answers = {
        index: hit if int(query.cluster[1:]) < found else np.zeros((0, 5))
        for index, query in enumerate(queries)
    }
    return score(task, queries, [answers], "public")


def contender(name: str, scores: Scores) -> Contender:
    stored = scores.draws_file()
    draws = BootstrapDraws(np.asarray(stored["f2"]), int(stored["clusters"]), int(stored["units"]))
    return Contender(name, 0.0, scores.metrics["f2"].value, draws)


def test_the_empty_model_is_never_perfect_and_never_wins() -> None:
    queries = asked(3, 7)
    empty, some = answered(queries, 0), answered(queries, 2)
    assert empty.metrics["f2"].value == 0 and empty.replicates["f2"].max() == 0
    assert (empty.evidence.clusters, empty.evidence.units) == (3, 9)
    board = rank([contender("empty", empty), contender("some", some)], "max", scale=BoardSpec.of(task).scale)
    assert [one.contender.id for one in board] == ["some", "empty"]
    won = winners(board, share=1.0, margin=0.03)
    assert won.accuracy == ("some",) and "empty" not in won.performance


def test_intervals_of_few_clusters_stay_in_bounds() -> None:
    measure = answered(asked(3, 7), 2).metrics["f2"]
    assert measure.low == 0 and measure.high == 1
    assert 0.6 < (measure.value or 0) < 0.8


def test_a_split_without_anything_to_find_counts_all_clusters() -> None:
    nothing = answered(asked(0, 7), 0)
    assert (nothing.metrics["f2"].value, nothing.evidence.clusters) == (1.0, 7)
