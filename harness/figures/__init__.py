"""harness/figures."""
