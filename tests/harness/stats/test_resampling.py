from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stats import bootstrap, interval, resample_weights


def accuracy(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {"accuracy": sums["hit"] / sums["n"]}


@given(st.lists(st.sampled_from("abcdefg"), min_size=1))
def test_resamples_depend_on_the_set_of_clusters_alone(clusters: list[str]) -> None:
    weights, index = resample_weights(clusters, 60)
    names = sorted(set(clusters))
    assert weights.shape == (60, len(names))
    assert (weights.sum(axis=1) == len(names)).all()
    assert [names[i] for i in index] == clusters
    again, _ = resample_weights(clusters[::-1] + names, 60)
    assert (weights == again).all()


def test_resamples_are_frozen() -> None:
    # Records made today are compared with records made later: these numbers may never change.
    weights, _ = resample_weights(["a", "b", "c", "d"], 3)
    assert weights.tolist() == GOLDEN
    assert resample_weights(["a", "b", "c", "d"], 3, seed=1)[0].tolist() != GOLDEN
    assert resample_weights(["a", "b", "c", "e"], 3)[0].tolist() != GOLDEN


GOLDEN = [[0, 1, 1, 2], [1, 2, 1, 0], [2, 0, 1, 1]]


def test_every_cluster_is_drawn_equally_often() -> None:
    weights, _ = resample_weights([f"v{i}" for i in range(30)], 4000)
    assert np.allclose(weights.mean(axis=0), 1, atol=0.08)
    assert np.allclose(weights.var(axis=0), 29 / 30, atol=0.12)


def test_bootstrap_is_what_weights_say() -> None:
    rng = np.random.default_rng(0)
    clusters = [f"video {i % 7}" for i in range(200)]
    table = {"hit": rng.integers(0, 2, 200), "n": np.ones(200), "boxes": rng.random((200, 3, 2))}

    def aggregate(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {**accuracy(sums), "boxes": sums["boxes"].sum(axis=(1, 2))}

    weights, index = resample_weights(clusters, 70, seed=5)
    each = weights[:, index]
    got = bootstrap(table, clusters, aggregate, 70, seed=5)
    assert got["accuracy"].dtype == np.float32
    np.testing.assert_allclose(got["accuracy"], each @ table["hit"] / each.sum(axis=1), rtol=1e-6)
    np.testing.assert_allclose(got["boxes"], each @ table["boxes"].sum(axis=(1, 2)), rtol=1e-6)


def test_bootstrap_spread_is_the_textbook_one() -> None:
    hit = np.arange(2000) < 1800
    table = {"hit": hit, "n": np.ones(2000)}
    got = bootstrap(table, [str(i) for i in range(2000)], accuracy)["accuracy"]
    assert got.std() == pytest.approx(np.sqrt(0.9 * 0.1 / 2000), rel=0.08)


def test_bootstrap_names_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="table 'hit' has 2 rows for 3 units"):
        bootstrap({"hit": np.ones(2)}, ["a", "b", "c"], accuracy)
    with pytest.raises(ValueError, match="'mean' in shape"):
        bootstrap({"hit": np.ones(2)}, ["a", "b"], lambda sums: {"mean": sums["hit"].mean()})
    with pytest.raises(ValueError, match="no units"):
        bootstrap({"hit": np.ones(0)}, [], accuracy)


@pytest.mark.parametrize(("k", "least"), [(4, 0.92), (10, 0.92), (100, 0.92)])
def test_interval_covers_also_with_few_clusters(k: int, least: float) -> None:
    rng = np.random.default_rng(7)
    weights, _ = resample_weights([str(i) for i in range(k)])
    hits = 0
    for _ in range(600):
        x = rng.normal(size=k)
        bounds = interval(weights @ x / k, x.mean(), k)
        assert bounds is not None
        hits += bounds[0] <= 0 <= bounds[1]
    assert least <= hits / 600 <= 0.985


def test_interval_stays_in_the_range_of_the_metric() -> None:
    weights, _ = resample_weights([str(i) for i in range(10)])
    shares = np.array([1.0] * 8 + [0.7, 0.9])
    bounds = interval(weights @ shares / 10, shares.mean(), 10)
    assert bounds is not None
    assert 0.7 < bounds[0] < shares.mean() < bounds[1] <= 1


def test_no_interval_where_nothing_can_be_said() -> None:
    draws = np.linspace(0, 1, 1000)
    assert interval(draws, 0.5, clusters=1) is None
    assert interval(np.ones(1000), 1.0, clusters=50) is None
    assert interval(np.where(np.arange(1000) < 20, np.nan, draws), 0.5, clusters=50) is None
    assert interval(np.where(np.arange(1000) < 10, np.nan, draws), 0.5, clusters=50) is not None


def test_every_resample_holds_as_many_positive_clusters_as_the_data() -> None:
    clusters = [f"sequence {i}" for i in range(7)]
    true = np.array([5, 9, 0, 0, 7, 0, 0])
    table = {"true": true, "found": np.zeros(7), "positive": (true > 0) * 1}

    def found(sums: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        # Nothing to find is a perfect answer, as in F2.
        nothing = sums["true"] == 0
        share = np.where(nothing, 1.0, sums["found"] / np.where(nothing, 1, sums["true"]))
        return {"share": share, "positive": sums["positive"]}

    held = {clusters[i] for i in np.flatnonzero(true)}
    assert bootstrap(table, clusters, found)["share"].max() == 1, "without strata the empty model is perfect"
    draws = bootstrap(table, clusters, found, positive=held)
    assert draws["share"].max() == 0
    assert (draws["positive"] == 3).all()
    # Strata change nothing where all clusters are alike.
    for alike in ((), clusters):
        everywhere = bootstrap(table, clusters, found, positive=alike)["positive"]
        assert everywhere.tolist() == bootstrap(table, clusters, found)["positive"].tolist()


def test_few_clusters_never_lead_beyond_what_the_metric_can_be() -> None:
    weights, _ = resample_weights([str(i) for i in range(4)])
    shares = np.array([1.0, 0.9, 0.1, 0.4])
    free, bounded = (interval(weights @ shares / 4, shares.mean(), 4, bounds=b) for b in (ANY, (0.0, 1.0)))
    assert free is not None and free[0] < 0 and free[1] > 1
    assert bounded == (0, 1)


ANY = (-np.inf, np.inf)
