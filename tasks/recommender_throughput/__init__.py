"""tasks/recommender_throughput."""
