"""tasks/recommender_open."""
