"""Ranks from paired tests, the best record of a team, prizes, and the Pareto front.

Pure functions of numbers: no record, task or database is known here. ``docs/statistics.md`` explains ranks.
"""

from leaderboards.ranking.contenders import (
    Contender,
    LatencyRatio,
    Obstacle,
    Standing,
    obstacle,
    standing,
)
from leaderboards.ranking.draws import BootstrapDraws
from leaderboards.ranking.front import pareto_front
from leaderboards.ranking.prizes import Winners, runtime_tiers, winners
from leaderboards.ranking.ranks import Ranked, board_ranks, rank

__all__ = [
    "BootstrapDraws",
    "Contender",
    "LatencyRatio",
    "Obstacle",
    "Ranked",
    "Standing",
    "Winners",
    "board_ranks",
    "obstacle",
    "pareto_front",
    "rank",
    "runtime_tiers",
    "standing",
    "winners",
]
