"""leaderboards/boards."""
