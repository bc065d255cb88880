"""tasks/cots."""
