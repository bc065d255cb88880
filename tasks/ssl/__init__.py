"""Self-supervised pictures: the task, its blocks of pictures, its scoring and its figures."""
