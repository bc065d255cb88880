"""Raw strings in, a classifier out: the task, what it asks, how trainings are counted."""
