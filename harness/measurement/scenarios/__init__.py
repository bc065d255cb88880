"""harness/measurement/scenarios."""
