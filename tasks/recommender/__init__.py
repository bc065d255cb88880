"""Recommender throughput: the task, the rows it asks about, its gate, and what trainings amount to."""
