"""Simulated boards of known truth, as ``bench/ranking_power.py`` prints them, on fewer boards."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from leaderboards.ranking import BootstrapDraws, Contender, rank


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    path = Path(__file__).parents[3] / "bench" / "ranking_power.py"
    spec = importlib.util.spec_from_file_location("ranking_power", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("accuracies", "boards", "least", "most"),
    [
        ([0.9, 0.9], 250, 0.01, 0.08),
        ([0.9, 0.91], 250, 0.68, 0.85),
        pytest.param([0.9] * 30, 100, 0.0, 0.08, marks=pytest.mark.slow),
    ],
)
def test_leads_are_real(
    bench: ModuleType, accuracies: list[float], boards: int, least: float, most: float
) -> None:
    rng, weights = np.random.default_rng(17), bench.item_weights()
    hits = [bench.shared_difficulty(rng, accuracies, 50) for _ in range(boards // 50)]
    told = np.mean([bench.share_with_tiers(some, weights) for some in hits])
    assert least <= told <= most


@pytest.mark.parametrize("entries", [2, 30])
def test_few_clusters_of_unlike_size_make_no_false_leads(bench: ModuleType, entries: int) -> None:
    rng = np.random.default_rng(23)
    clusters, boards, told = 10, 200, 0
    weights = bench.resample_weights([str(i) for i in range(clusters)])[0].astype(float)
    for _ in range(boards):
        sizes = rng.exponential(100, clusters)
        hits = sizes * (0.5 + 0.1 * rng.normal(size=clusters) + 0.1 * rng.normal(size=(entries, clusters)))
        values, draws = hits.sum(axis=1) / sizes.sum(), (weights @ hits.T / (weights @ sizes)[:, None]).T
        board = rank(
            [
                Contender(str(i), 0.0, float(values[i]), BootstrapDraws(draws[i], clusters))
                for i in range(entries)
            ],
            "max",
        )
        told += board[-1].rank != 1
    assert told / boards <= 0.09


@pytest.mark.parametrize("differing", [4, 5, 8])
def test_forks_that_differ_on_a_handful_of_items_share_a_rank(bench: ModuleType, differing: int) -> None:
    rng, weights = np.random.default_rng(29), bench.item_weights()
    hits = np.repeat(rng.random((100, 1, bench.ITEMS)) < 0.9, 2, axis=1)
    for board in hits:
        items = rng.choice(bench.ITEMS, differing, replace=False)
        board[0, items] = rng.random(differing) < 0.5
        board[1, items] = ~board[0, items]
    assert bench.share_with_tiers(hits, weights) <= 0.08
