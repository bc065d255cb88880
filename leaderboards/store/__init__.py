"""leaderboards/store."""
