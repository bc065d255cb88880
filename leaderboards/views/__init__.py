"""leaderboards/views."""
