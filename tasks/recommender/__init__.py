"""tasks/recommender."""
