"""harness/session."""
