"""What a host writes in ``competition.toml``, as values, and what may change after the start."""
