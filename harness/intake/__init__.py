"""harness/intake."""
