"""harness/measurement/diagnostics."""
