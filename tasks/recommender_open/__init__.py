"""The open division of task recommender."""
