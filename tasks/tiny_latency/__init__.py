"""tasks/tiny_latency."""
