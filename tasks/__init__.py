"""What is asked: one file a task, each of which defines ``task = Task(...)``."""
