"""Who stands where, and what may be said of it: tiers, best entries, prizes, the Pareto front.

Pure functions: nothing is read, nothing kept. ``docs/statistics.md`` says what the ranks mean.
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
