"""harness/scoring."""
