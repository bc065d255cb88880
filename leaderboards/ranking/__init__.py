"""Ranks from paired tests, the best record of a team, prizes, and the Pareto front.

Pure functions of numbers: no record, task or database is known here. ``docs/statistics.md`` explains ranks.
"""

from leaderboards.ranking.board import Ranked, rank
from leaderboards.ranking.contenders import Contender, Mark, best_per_team, unranked_reason
from leaderboards.ranking.prizes import Prizes, pareto, prizes, runtime_ranking

__all__ = [
    "Contender",
    "Mark",
    "Prizes",
    "Ranked",
    "best_per_team",
    "pareto",
    "prizes",
    "rank",
    "runtime_ranking",
    "unranked_reason",
]
