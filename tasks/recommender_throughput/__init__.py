"""The division of task recommender that ranks by rows a second."""
