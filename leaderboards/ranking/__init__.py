"""Ranks from paired tests, the best record of a team, prizes, and the Pareto front.

Pure functions of numbers: no record, task or database is known here. ``docs/statistics.md`` explains ranks.
"""

from leaderboards.ranking.contenders import (
    Contender,
    LatencyRatio,
    Obstacle,
    Standing,
    imprecision,
    obstacle,
    standing,
)
from leaderboards.ranking.draws import BootstrapDraws
from leaderboards.ranking.front import pareto_front
from leaderboards.ranking.parity import Parity, Scale
from leaderboards.ranking.prizes import Winners, runtime_tiers, winners
from leaderboards.ranking.ranks import Ranked, board_ranks, rank
from leaderboards.ranking.spread import Spread
from leaderboards.ranking.tiers import FEWEST

__all__ = [
    "FEWEST",
    "BootstrapDraws",
    "Contender",
    "LatencyRatio",
    "Obstacle",
    "Parity",
    "Ranked",
    "Scale",
    "Spread",
    "Standing",
    "Winners",
    "board_ranks",
    "imprecision",
    "obstacle",
    "pareto_front",
    "rank",
    "runtime_tiers",
    "standing",
    "winners",
]
