"""How a task talks with a model: independent queries, training, or questions and lessons in turn.

A task declares one of these values. What a query is belongs to the task, and the clock to the session.
"""

from harness.interactions.ask_and_teach import AskAndTeach
from harness.interactions.independent import Independent
from harness.interactions.training import Training

__all__ = ["AskAndTeach", "Independent", "Training"]
