"""What is asked: one folder a task, whose ``task.py`` defines ``task = Task(...)``.

Metrics that tasks share are in ``metrics``; data belong to ``datasets``, entries to ``submissions``.
"""
