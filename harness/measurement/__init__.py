"""harness/measurement."""
