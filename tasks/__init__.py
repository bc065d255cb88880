"""What is asked: one folder a task, whose ``task.py`` defines ``task = Task(...)``.

``metrics`` and ``drawings`` hold what tasks share; data belong to ``datasets``, entries to ``submissions``.
"""
